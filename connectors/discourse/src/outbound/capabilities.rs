//! What a forum can do.

use connector_sdk::outbound::{OptionRule, native, partial};
use kenh_proto::v1::{
    Capabilities, Capability,
    Feature::{
        Audio, CommentDelete, CommentReply, Delete, Echoes, Edit, File, Gif, Group, Image, Quote, React, Text, Video,
    },
};

/// Characters of a post at most, where a site has not changed it; and bytes of a file.
const LONGEST_POST: u32 = 32_000;
pub(super) const LARGEST_FILE: u64 = 4 << 20;

pub(super) const TITLE: &str = "title";

/// Options.
pub(super) const OPTIONS: &[OptionRule] = &[OptionRule {
    name: TITLE,
    description: "Title of a new private message to a person. Needed there.",
    is_sound: |value| (2..=255).contains(&value.chars().count()),
    expected: "2 to 255 characters",
}];

/// Everything. Which endings files may have, each site says.
pub(super) fn all() -> Capabilities {
    let file = |feature| Capability { max_bytes: LARGEST_FILE, caption: true, ..partial(feature) };
    let mut features = vec![Capability { max_length: LONGEST_POST, ..native(Text) }];
    features.extend([Image, Gif, Video, Audio, File].map(file));
    features.extend([Quote, Edit, Delete, Group, CommentReply, CommentDelete, Echoes].map(native));
    // Likes alone.
    features.push(partial(React));
    Capabilities { features, options: OPTIONS.iter().map(OptionRule::listed).collect(), repeatable: false }
}
