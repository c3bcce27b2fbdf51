//! What mail can do.

use connector_sdk::outbound::{OptionRule, native};
use kenh_proto::v1::{
    Capabilities, Capability,
    Feature::{Audio, DeliveryReceipts, File, Gif, Image, Quote, Text, Video},
};

use super::header;

pub(super) const SUBJECT: &str = "subject";
pub(super) const CC: &str = "cc";
pub(super) const BCC: &str = "bcc";

/// Options.
pub(super) const OPTIONS: &[OptionRule] = &[
    OptionRule {
        name: SUBJECT,
        description: "The subject; as good as message.email.subject. An answer has that of the mail it answers.",
        is_sound: |value| !value.trim().is_empty() && !value.contains(char::is_control),
        expected: "one line of text",
    },
    OptionRule {
        name: CC,
        description: "Addresses that get it too, with commas between them.",
        is_sound: |value| header::addresses(value).is_some(),
        expected: "addresses such as an@example.com, with commas between them, 50 at most",
    },
    OptionRule {
        name: BCC,
        description: "Addresses that get it too and are not named in it.",
        is_sound: |value| header::addresses(value).is_some(),
        expected: "addresses such as an@example.com, with commas between them, 50 at most",
    },
];

/// Everything. `largest`: bytes of the files together.
pub(super) fn all(largest: u64) -> Capabilities {
    let files = [Image, Gif, Video, Audio, File].into_iter();
    let mut features: Vec<_> = files.map(|feature| Capability { max_bytes: largest, ..native(feature) }).collect();
    features.extend([native(Text), native(Quote), native(DeliveryReceipts)]);
    Capabilities { features, options: OPTIONS.iter().map(OptionRule::listed).collect(), repeatable: false }
}
