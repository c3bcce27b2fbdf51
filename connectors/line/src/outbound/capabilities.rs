//! What LINE can do. See <https://developers.line.biz/en/reference/messaging-api/#message-objects>.

use connector_sdk::outbound::{OptionRule, conditional, native, partial};
use kenh_proto::v1::{
    Capabilities, Capability,
    Feature::{Audio, Card, Carousel, Choices, Group, Image, Location, MarkRead, Quote, Sticker, Text, Typing, Video},
    LengthUnit,
};

use super::card::{LONGEST_LABEL, MOST_BUTTONS, MOST_COLUMNS};

/// UTF-16 units of a text at most.
const LONGEST_TEXT: u32 = 5000;
/// Bytes of a picture, and of a film or sound, at most.
const LARGEST_PICTURE: u64 = 10_000_000;
const LARGEST_FILE: u64 = 200_000_000;
/// Short answers at most.
const MOST_CHOICES: u32 = 13;

pub(super) const QUOTE_TOKEN: &str = "quote_token";
pub(super) const MARK_AS_READ_TOKEN: &str = "mark_as_read_token";
pub(super) const SILENT: &str = "notification_disabled";

fn is_token(value: &str) -> bool {
    !value.is_empty()
}

/// Options.
pub(super) const OPTIONS: &[OptionRule] = &[
    OptionRule {
        name: QUOTE_TOKEN,
        description: "The message that is quoted, as its event has it in values, or the note of one that was sent.",
        is_sound: is_token,
        expected: "the quote_token of a message",
    },
    OptionRule {
        name: MARK_AS_READ_TOKEN,
        description: "The message that was read, as its event has it in values.",
        is_sound: is_token,
        expected: "the mark_as_read_token of a message",
    },
    OptionRule::switch(SILENT, "\"true\": the message makes no sound."),
];

/// Everything.
pub(super) fn all() -> Capabilities {
    let types = |types: &[&str]| types.iter().map(|mime| (*mime).to_owned()).collect();
    let text = Capability { max_length: LONGEST_TEXT, length_unit: LengthUnit::Utf16.into(), ..native(Text) };
    let items = |feature, max_items| Capability { max_items, max_title: LONGEST_LABEL, ..partial(feature) };
    let mut features = vec![
        text,
        // All files by an https address.
        Capability { mime_types: types(&["image/jpeg", "image/png"]), max_bytes: LARGEST_PICTURE, ..partial(Image) },
        // With a picture of it, and with its length.
        Capability { mime_types: types(&["video/mp4"]), max_bytes: LARGEST_FILE, ..partial(Video) },
        Capability {
            mime_types: types(&["audio/mpeg", "audio/mp4", "audio/m4a", "audio/x-m4a"]),
            max_bytes: LARGEST_FILE,
            ..partial(Audio)
        },
        items(Card, MOST_BUTTONS),
        items(Carousel, MOST_COLUMNS),
        Capability { max_items: MOST_CHOICES, max_title: LONGEST_LABEL, ..native(Choices) },
        // With the tokens of the message.
        conditional(Quote),
        conditional(MarkRead),
    ];
    features.extend([Location, Sticker, Typing, Group].map(native));
    Capabilities { features, options: OPTIONS.iter().map(OptionRule::listed).collect(), repeatable: true }
}
