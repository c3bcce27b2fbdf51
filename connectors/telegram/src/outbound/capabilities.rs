//! What a bot can do. See <https://core.telegram.org/bots/api#sending-files>.

use connector_sdk::outbound::{OptionRule, conditional, native, partial};
use kenh_proto::v1::{
    Capabilities, Capability, Feature,
    Feature::{
        Audio, Card, Choices, ContactCard, Delete, Edit, File, Gif, Group, Image, Location, MarkRead, Quote, React,
        RequestContact, Sticker, Text, Typing, Video,
    },
    LengthUnit,
};

use super::chat::BUSINESS;

/// Characters of a text, and of a caption, at most, once its marks are read.
pub(super) const LONGEST_TEXT: u32 = 4096;
pub(super) const LONGEST_CAPTION: u32 = 1024;
/// Bytes of a picture, and of another file, at most.
pub(super) const LARGEST_PICTURE: u64 = 10_000_000;
pub(super) const LARGEST_FILE: u64 = 50_000_000;
/// Buttons below a message at most.
const MOST_BUTTONS: u32 = 100;

const IMAGES: &[&str] = &["image/jpeg", "image/png", "image/webp"];
const ANIMATIONS: &[&str] = &["image/gif", "video/mp4"];
const FILMS: &[&str] = &["video/mp4"];
/// Voice messages are Ogg, music is MP3 or M4A.
const SOUND: &[&str] = &["audio/mpeg", "audio/mp4", "audio/m4a", "audio/x-m4a", "audio/ogg"];

pub(super) const SILENT: &str = "disable_notification";
pub(super) const PROTECTED: &str = "protect_content";
pub(super) const TOPIC: &str = "message_thread_id";
pub(super) const CALLBACK: &str = "callback_query_id";

fn is_number(value: &str) -> bool {
    value.parse::<u32>().is_ok()
}

fn is_id(value: &str) -> bool {
    !value.is_empty()
}

/// Options.
pub(super) const OPTIONS: &[OptionRule] = &[
    OptionRule::switch(SILENT, "\"true\": the message makes no sound."),
    OptionRule::switch(PROTECTED, "\"true\": the message cannot be forwarded or saved."),
    OptionRule {
        name: TOPIC,
        description: "Topic of a forum the message goes to.",
        is_sound: is_number,
        expected: "the number of a topic",
    },
    OptionRule {
        name: CALLBACK,
        description: "The tap that is answered, as its event has it in values: the button stops turning.",
        is_sound: is_id,
        expected: "the callback_query_id of an event",
    },
    OptionRule {
        name: BUSINESS,
        description: "The connection to a business account, where the destination is no conversation with it.",
        is_sound: is_id,
        expected: "the id of a business connection",
    },
];

fn file(feature: Feature, types: &[&str], max_bytes: u64) -> Capability {
    let mime_types = types.iter().map(|mime| (*mime).to_owned()).collect();
    Capability { mime_types, max_bytes, caption: true, max_caption: LONGEST_CAPTION, ..native(feature) }
}

/// Everything.
pub(super) fn all() -> Capabilities {
    let text = Capability { max_length: LONGEST_TEXT, length_unit: LengthUnit::Characters.into(), ..native(Text) };
    let mut features = vec![
        text,
        file(Image, IMAGES, LARGEST_PICTURE),
        file(Gif, ANIMATIONS, LARGEST_FILE),
        file(Video, FILMS, LARGEST_FILE),
        file(Audio, SOUND, LARGEST_FILE),
        file(File, &[], LARGEST_FILE),
        // With one number and a name.
        partial(ContactCard),
        Capability { max_items: MOST_BUTTONS, ..native(Card) },
        Capability { max_items: MOST_BUTTONS, ..native(Choices) },
        // For what a business account received.
        conditional(MarkRead),
    ];
    features.extend([Sticker, Location, Quote, Edit, Delete, React, Typing, Group, RequestContact].map(native));
    Capabilities { features, options: OPTIONS.iter().map(OptionRule::listed).collect(), repeatable: false }
}
