//! What X can do. See <https://docs.x.com/x-api/media/quickstart/best-practices>.

use connector_sdk::outbound::native;
use kenh_proto::v1::{
    Capabilities, Capability,
    Feature::{CommentDelete, CommentHide, CommentReply, Echoes, Gif, Group, Image, ReadReceipts, Text},
};

/// Characters of a direct message at most.
const LONGEST_TEXT: u32 = 10_000;
/// Bytes of a picture and of a moving one at most.
pub(super) const LARGEST_PICTURE: u64 = 5_000_000;
pub(super) const LARGEST_GIF: u64 = 15_000_000;

/// Everything. Films are uploaded in pieces over many calls: they go as an address.
pub(super) fn all() -> Capabilities {
    let types = |types: &[&str]| types.iter().map(|mime| (*mime).to_owned()).collect();
    let mut features = vec![
        Capability { max_length: LONGEST_TEXT, ..native(Text) },
        Capability {
            mime_types: types(&["image/jpeg", "image/png", "image/webp"]),
            max_bytes: LARGEST_PICTURE,
            caption: true,
            ..native(Image)
        },
        Capability { mime_types: types(&["image/gif"]), max_bytes: LARGEST_GIF, caption: true, ..native(Gif) },
    ];
    features.extend([Group, CommentReply, CommentHide, CommentDelete, ReadReceipts, Echoes].map(native));
    Capabilities { features, options: Vec::new(), repeatable: false }
}
