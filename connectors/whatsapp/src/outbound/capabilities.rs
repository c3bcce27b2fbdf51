//! What WhatsApp can do.
//! See <https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media#supported-media-types>.

use kenh_proto::v1::{
    Capabilities, Capability, ChannelOption, Feature,
    Feature::{
        Audio, Card, Choices, ContactCard, DeliveryReceipts, File, Group, Image, List, Location, MarkRead, Quote,
        React, ReadReceipts, Sticker, Template, Text, Typing, Video,
    },
    LengthUnit, SupportLevel,
};

use super::media;

/// Characters of a text, and of a caption or the text above buttons, at most.
pub(super) const LONGEST_TEXT: u32 = 4096;
pub(super) const LONGEST_BODY: u32 = 1024;
/// Characters on a button, and of a row's title, at most.
pub(super) const LONGEST_BUTTON: u32 = 20;
const LONGEST_ROW: u32 = 24;
/// Buttons of one message, and rows of one list, at most.
pub(super) const MOST_BUTTONS: u32 = 3;
pub(super) const MOST_ROWS: u32 = 10;
/// Bytes at most: 5 MB, 16 MB, 100 MB, and of an animated sticker 500 KB.
const LARGEST_IMAGE: u64 = 5_000_000;
const LARGEST_FILM: u64 = 16_000_000;
const LARGEST_DOCUMENT: u64 = 100_000_000;

/// Options and what they do.
pub(super) const PREVIEW_URL: &str = "preview_url";
pub(super) const LIST_BUTTON: &str = "list_button";
pub(super) const FOOTER: &str = "footer";
pub(super) const FLOW_ID: &str = "flow_id";
pub(super) const FLOW_SCREEN: &str = "flow_screen";
const OPTIONS: &[(&str, &str)] = &[
    (PREVIEW_URL, "\"true\" or \"false\": whether the first address in a text is shown with a preview. Absent: yes."),
    (LIST_BUTTON, "What the button that opens a list says, 20 characters. Absent: Menu."),
    (FOOTER, "Small text below buttons or a list, 60 characters."),
    (FLOW_ID, "The flow a button of the type \"flow\" opens."),
    (FLOW_SCREEN, "The screen that flow begins with. Absent: its first."),
];

/// Everything.
pub(super) fn all() -> Capabilities {
    let unit = LengthUnit::Characters.into();
    let file = |feature, types: &[&str], max_bytes| Capability {
        mime_types: types.iter().map(|mime| (*mime).to_owned()).collect(),
        max_bytes,
        ..native(feature)
    };
    let captioned = |own| Capability { caption: true, max_caption: LONGEST_BODY, length_unit: unit, ..own };
    let rows = |feature, max_title| captioned(Capability { max_items: MOST_ROWS, max_title, ..native(feature) });
    let mut features = vec![
        Capability { max_length: LONGEST_TEXT, length_unit: unit, ..native(Text) },
        captioned(file(Image, media::IMAGES, LARGEST_IMAGE)),
        captioned(file(Video, media::FILMS, LARGEST_FILM)),
        file(Audio, media::SOUND, LARGEST_FILM),
        captioned(file(File, media::DOCUMENTS, LARGEST_DOCUMENT)),
        Capability { max_items: MOST_BUTTONS, max_title: LONGEST_BUTTON, ..native(Card) },
        rows(List, LONGEST_ROW),
        rows(Choices, LONGEST_BUTTON),
        // For accounts Meta lets have groups.
        Capability { level: SupportLevel::Conditional.into(), ..native(Group) },
        // It is shown until the message comes, and marks what was written as read.
        Capability { level: SupportLevel::Partial.into(), ..native(Typing) },
    ];
    let plain = [Sticker, Location, ContactCard, Template, Quote, React, MarkRead, DeliveryReceipts, ReadReceipts];
    features.extend(plain.map(native));
    let option = |(name, description): &(&str, &str)| ChannelOption {
        name: (*name).to_owned(),
        description: (*description).to_owned(),
    };
    Capabilities { features, options: OPTIONS.iter().map(option).collect(), repeatable: false }
}

/// What a group can be given: no buttons, lists or reactions.
pub(super) fn of_groups() -> Capabilities {
    let mut capabilities = all();
    let missing = [Card, List, Choices, React, Location, ContactCard];
    capabilities.features.retain(|capability| !missing.contains(&capability.feature()));
    capabilities
}

fn native(feature: Feature) -> Capability {
    Capability { feature: feature.into(), level: SupportLevel::Native.into(), ..Capability::default() }
}
