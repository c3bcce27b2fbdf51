//! What Instagram can do.
//! See <https://developers.facebook.com/docs/messenger-platform/instagram/features/send-message>.

use connector_meta::send::{
    button::{LONGEST_TITLE, MOST_BUTTONS, MOST_QUICK_REPLIES},
    template::MOST_CARDS,
};
use kenh_proto::v1::{
    Capabilities, Capability, Feature,
    Feature::{
        Audio, Card, Carousel, Choices, CommentDelete, CommentHide, CommentPrivateReply, CommentReply, Echoes, File,
        Gif, Image, MarkRead, Quote, React, ReadReceipts, RequestContact, Sticker, Text, Typing, Video,
    },
    LengthUnit, SupportLevel,
};

/// Bytes of a text at most.
const LONGEST_TEXT: u32 = 1000;
/// Bytes of a file, and of a picture, at most: 25 MB and 8 MB.
const LARGEST_FILE: u64 = 25_000_000;
const LARGEST_PICTURE: u64 = 8_000_000;

const IMAGES: &[&str] = &["image/jpeg", "image/png"];
const GIFS: &[&str] = &["image/gif"];
const FILMS: &[&str] = &["video/mp4", "video/ogg", "video/quicktime", "video/webm", "video/x-msvideo"];
const SOUND: &[&str] = &["audio/aac", "audio/mp4", "audio/m4a", "audio/x-m4a", "audio/wav", "audio/x-wav"];
const FILES: &[&str] = &["application/pdf"];

/// Everything.
pub(super) fn all() -> Capabilities {
    let file = |feature, types: &[&str], max_bytes| Capability {
        mime_types: types.iter().map(|mime| (*mime).to_owned()).collect(),
        max_bytes,
        ..native(feature)
    };
    let items = |feature, max_items| Capability { max_items, max_title: LONGEST_TITLE, ..native(feature) };
    let text = Capability { max_length: LONGEST_TEXT, length_unit: LengthUnit::Bytes.into(), ..native(Text) };
    let plain = [Typing, MarkRead, CommentReply, CommentPrivateReply, ReadReceipts, Echoes];
    // Not confirmed in all details.
    let unsure = [Quote, React, Sticker, CommentHide, CommentDelete, RequestContact];
    let mut features = vec![
        text,
        file(Image, IMAGES, LARGEST_PICTURE),
        file(Gif, GIFS, LARGEST_PICTURE),
        file(Video, FILMS, LARGEST_FILE),
        file(Audio, SOUND, LARGEST_FILE),
        Capability { level: SupportLevel::Conditional.into(), ..file(File, FILES, LARGEST_FILE) },
        items(Card, MOST_BUTTONS),
        items(Carousel, MOST_CARDS),
        items(Choices, MOST_QUICK_REPLIES),
    ];
    features.extend(plain.map(native));
    features.extend(unsure.map(|feature| Capability { level: SupportLevel::Conditional.into(), ..native(feature) }));
    Capabilities { features, options: Vec::new(), repeatable: false }
}

/// What stands below a post: text. No bound of its length is known.
pub(super) fn public() -> Capabilities {
    let features = [Text, CommentReply].map(native);
    Capabilities { features: features.into(), ..Capabilities::default() }
}

fn native(feature: Feature) -> Capability {
    Capability { feature: feature.into(), level: SupportLevel::Native.into(), ..Capability::default() }
}
