//! What Discord can do. See <https://docs.discord.com/developers/resources/message>.

use connector_sdk::outbound::{OptionRule, native};
use kenh_proto::v1::{
    Capabilities, Capability,
    Feature::{Audio, Card, Choices, Delete, Edit, File, Gif, Group, Image, Quote, React, Text, Typing, Video},
};

use super::button::{LONGEST_LABEL, MOST_BUTTONS};

/// Characters of a text at most.
const LONGEST_TEXT: u32 = 2000;
/// Bytes of a file at most, in servers that pay for nothing more.
pub(super) const LARGEST_FILE: u64 = 10 << 20;

pub(super) const SILENT: &str = "silent";
pub(super) const MENTIONS: &str = "mentions";

/// Options.
pub(super) const OPTIONS: &[OptionRule] = &[
    OptionRule::switch(SILENT, "\"true\": the message makes no sound."),
    OptionRule::switch(MENTIONS, "\"true\": people named as <@id> in the text are notified. Nobody else ever is."),
];

/// Everything.
pub(super) fn all() -> Capabilities {
    let file = |feature| Capability { max_bytes: LARGEST_FILE, caption: true, ..native(feature) };
    let items = |feature| Capability { max_items: MOST_BUTTONS, max_title: LONGEST_LABEL, ..native(feature) };
    let mut features = vec![
        Capability { max_length: LONGEST_TEXT, ..native(Text) },
        Capability { caption: true, ..items(Card) },
        items(Choices),
    ];
    features.extend([Image, Gif, Video, Audio, File].map(file));
    features.extend([Quote, Edit, Delete, React, Typing, Group].map(native));
    Capabilities { features, options: OPTIONS.iter().map(OptionRule::listed).collect(), repeatable: false }
}
