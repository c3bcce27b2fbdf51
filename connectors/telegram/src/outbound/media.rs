//! Files: which method takes them, and whether Telegram may fetch them by itself.

use kenh_proto::v1::{Media, MediaKind};
use serde_json::{Value, json};

use super::{
    call::Fields,
    capabilities::{LARGEST_FILE, LARGEST_PICTURE},
};

/// What Telegram fetches as a document; of other types it takes addresses as pictures, films and sound alone.
const FETCHED_DOCUMENTS: &[&str] = &["pdf", "zip", "gif"];

/// The method that sends a file, and the field it is in.
pub(super) fn method(media: &Media) -> (&'static str, &'static str) {
    match media.kind() {
        MediaKind::Image => ("sendPhoto", "photo"),
        MediaKind::Gif => ("sendAnimation", "animation"),
        MediaKind::Video => ("sendVideo", "video"),
        MediaKind::Audio if media.mime_type.as_deref() == Some("audio/ogg") => ("sendVoice", "voice"),
        MediaKind::Audio => ("sendAudio", "audio"),
        MediaKind::File | MediaKind::Unspecified => ("sendDocument", "document"),
    }
}

/// The file as Telegram can have it without us: its own id, or an address; nothing where the bytes have to be uploaded.
pub(super) fn known(media: &Media) -> Option<&str> {
    if let Some(id) = &media.provider_ref {
        return Some(id);
    }
    let url = media.url.as_deref().filter(|_| media.content.is_none())?;
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let ending = path.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    let document = method(media).0 == "sendDocument";
    (!document || FETCHED_DOCUMENTS.contains(&ending.as_str())).then_some(url)
}

/// Bytes at most.
pub(super) fn most(media: &Media) -> u64 {
    if media.kind() == MediaKind::Image { LARGEST_PICTURE } else { LARGEST_FILE }
}

/// What else is known of it.
pub(super) fn details(media: &Media) -> Fields {
    let seconds = media.duration_ms.map(|millis| json!(millis.div_ceil(1000)));
    let pixels = |pixels: Option<u32>| pixels.map(Value::from);
    let known = match media.kind() {
        MediaKind::Audio => vec![("duration", seconds)],
        MediaKind::Video | MediaKind::Gif => {
            vec![("duration", seconds), ("width", pixels(media.width)), ("height", pixels(media.height))]
        }
        MediaKind::Image | MediaKind::File | MediaKind::Unspecified => Vec::new(),
    };
    known.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}
