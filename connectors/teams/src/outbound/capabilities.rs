//! What a bot can do in Teams.

use connector_sdk::outbound::{conditional, native, partial};
use kenh_proto::v1::{
    Capabilities, Capability,
    Feature::{Card, Carousel, Choices, Delete, Edit, Group, Image, Quote, ReadReceipts, Text, Typing},
};

/// Characters of a text: an activity is about 28 KB in UTF-16 at most, with what surrounds the text.
const LONGEST_TEXT: u32 = 10_000;
/// Buttons of a card, and cards side by side.
pub(super) const MOST_BUTTONS: u32 = 6;
pub(super) const MOST_CARDS: u32 = 10;
/// Characters of a button that are shown.
pub(super) const LONGEST_BUTTON: u32 = 50;

/// Everything. Pictures go by address, other files as links.
pub(super) fn all() -> Capabilities {
    let items = |feature, max_items| Capability { max_items, max_title: LONGEST_BUTTON, ..native(feature) };
    let pictures = ["image/png", "image/jpeg", "image/gif"].map(ToOwned::to_owned).to_vec();
    let mut features = vec![
        Capability { max_length: LONGEST_TEXT, ..native(Text) },
        Capability { mime_types: pictures, caption: true, ..partial(Image) },
        items(Card, MOST_BUTTONS),
        items(Carousel, MOST_CARDS),
        items(Choices, MOST_BUTTONS),
    ];
    features.extend([Quote, Edit, Delete, Typing, Group].map(native));
    // In chats with one person, where the app has the permission to be told.
    features.push(conditional(ReadReceipts));
    Capabilities { features, options: Vec::new(), repeatable: false }
}
