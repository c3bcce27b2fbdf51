//! What Slack can do.

use connector_sdk::outbound::{OptionRule, native};
use kenh_proto::v1::{
    Capabilities, Capability,
    Feature::{
        Audio, Card, Carousel, Choices, Delete, Echoes, Edit, File, Gif, Group, Image, List, Quote, React, Text, Video,
    },
};

use super::{block::LONGEST_BUTTON, card::MOST_CARDS};

/// Characters of a text at most: Slack advises against more, and cuts at ten times that.
pub(super) const LONGEST_TEXT: u32 = 4000;
/// Bytes of a file at most: a gigabyte.
pub(super) const LARGEST_FILE: u64 = 1_000_000_000;
/// Buttons of a row at most.
const MOST_BUTTONS: u32 = 25;

pub(super) const THREAD: &str = "thread_ts";
pub(super) const BROADCAST: &str = "reply_broadcast";
pub(super) const UNFURL: &str = "unfurl_links";

/// Whether this can be the id of a message: seconds and a number, never to be read as one.
pub(super) fn is_ts(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.len() <= 32 && text.split_once('.').is_some_and(|(seconds, number)| digits(seconds) && digits(number))
}

/// Options.
pub(super) const OPTIONS: &[OptionRule] = &[
    OptionRule {
        name: THREAD,
        description: "The thread the message goes to: the id of its first message. Quoting that message does the same.",
        is_sound: is_ts,
        expected: "the id of a message, such as 1767225600.000100",
    },
    OptionRule::switch(BROADCAST, "\"true\": what goes to a thread is shown in the channel too."),
    OptionRule::switch(UNFURL, "\"false\": links of a text get no preview."),
];

/// Everything.
pub(super) fn all() -> Capabilities {
    let file = |feature| Capability { max_bytes: LARGEST_FILE, caption: true, ..native(feature) };
    let items = |feature, max_items| Capability { max_items, max_title: LONGEST_BUTTON, ..native(feature) };
    let text = Capability { max_length: LONGEST_TEXT, ..native(Text) };
    let mut features = vec![text];
    features.extend([Image, Gif, Video, Audio, File].map(file));
    features.extend([items(Card, MOST_BUTTONS), items(Carousel, MOST_CARDS), items(Choices, MOST_BUTTONS)]);
    features.push(Capability { max_items: MOST_CARDS, ..native(List) });
    features.extend([Quote, Edit, Delete, React, Group, Echoes].map(native));
    Capabilities { features, options: OPTIONS.iter().map(OptionRule::listed).collect(), repeatable: false }
}
