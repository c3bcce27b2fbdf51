//! What Viber can do. See <https://developers.viber.com/docs/api/rest-bot-api/#message-types>.

use connector_sdk::outbound::{OptionRule, native, partial};
use kenh_proto::v1::{
    Capabilities, Capability,
    Feature::{
        Card, Carousel, Choices, ContactCard, DeliveryReceipts, File, Image, Link, Location, ReadReceipts,
        RequestContact, Sticker, Text, Video,
    },
};

use super::{
    card::{LONGEST_BUTTON, MOST_BUTTONS, MOST_CARDS},
    keyboard::MOST_ROWS,
};

/// Characters of a text, and of what stands below a picture, at most.
const LONGEST_TEXT: u32 = 7000;
const LONGEST_CAPTION: u32 = 768;
/// Bytes of a picture, a film and another file at most.
const LARGEST_PICTURE: u64 = 1 << 20;
const LARGEST_FILM: u64 = 26 << 20;
const LARGEST_FILE: u64 = 50 << 20;

pub(super) const TRACKING: &str = "tracking_data";

/// Options.
pub(super) const OPTIONS: &[OptionRule] = &[OptionRule {
    name: TRACKING,
    description: "Comes back with the person's next message, as client_reference of its target.",
    is_sound: |value| (1..=1024).contains(&value.len()),
    expected: "1 to 1024 bytes",
}];

/// Bytes of a file at most, of the kind it is sent as.
pub(super) fn most(is_film: bool) -> u64 {
    if is_film { LARGEST_FILM } else { LARGEST_FILE }
}

/// Everything. Files go by address.
pub(super) fn all() -> Capabilities {
    let types = |types: &[&str]| types.iter().map(|mime| (*mime).to_owned()).collect();
    let items = |feature, max_items| Capability { max_items, max_title: LONGEST_BUTTON, ..partial(feature) };
    let mut features = vec![
        Capability { max_length: LONGEST_TEXT, ..native(Text) },
        Capability {
            mime_types: types(&["image/jpeg", "image/png"]),
            max_bytes: LARGEST_PICTURE,
            caption: true,
            max_caption: LONGEST_CAPTION,
            ..native(Image)
        },
        Capability { mime_types: types(&["video/mp4"]), max_bytes: LARGEST_FILM, ..native(Video) },
        Capability { max_bytes: LARGEST_FILE, ..native(File) },
        // With one number and a name.
        partial(ContactCard),
        // Without a title and a description.
        partial(Link),
        items(Card, MOST_BUTTONS),
        items(Carousel, MOST_CARDS),
        Capability { max_items: MOST_ROWS, max_title: LONGEST_BUTTON, ..native(Choices) },
    ];
    features.extend([Location, Sticker, RequestContact, DeliveryReceipts, ReadReceipts].map(native));
    Capabilities { features, options: OPTIONS.iter().map(OptionRule::listed).collect(), repeatable: false }
}
