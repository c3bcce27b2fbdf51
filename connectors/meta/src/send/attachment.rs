//! Files: by address, which Meta fetches, or by the id of an upload.

use connector_sdk::outbound::{Body, File};
use kenh_proto::v1::{Media, MediaKind};
use serde_json::{Value, json};

/// Meta's type of a file.
pub fn kind(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Image | MediaKind::Gif => "image",
        MediaKind::Video => "video",
        MediaKind::Audio => "audio",
        MediaKind::File | MediaKind::Unspecified => "file",
    }
}

/// A file at a public address. What is `kept` gets an id to be sent by again.
pub fn by_url(kind: &str, url: &str, kept: bool) -> Value {
    let payload = if kept { json!({"url": url, "is_reusable": true}) } else { json!({"url": url}) };
    json!({"type": kind, "payload": payload})
}

/// A file that was uploaded.
pub fn by_id(kind: &str, id: &str) -> Value {
    json!({"type": kind, "payload": {"attachment_id": id}})
}

/// The upload of a file at a public address, for forms that take ids only.
pub fn upload_url(kind: &str, url: &str) -> Body {
    Body::Json(json!({"message": {"attachment": by_url(kind, url, true)}}))
}

/// The upload of the bytes themselves.
pub fn upload(media: &Media, bytes: &[u8]) -> Body {
    let kind = kind(media.kind());
    let message = json!({"attachment": {"type": kind, "payload": {"is_reusable": true}}});
    let (name, mime) = stand_in(media.kind());
    let file = File {
        name: media.name.clone().unwrap_or_else(|| name.into()),
        mime: media.mime_type.clone().unwrap_or_else(|| mime.into()),
        bytes: bytes.to_vec().into(),
    };
    Body::Multipart { fields: vec![("message", message.to_string())], name: "filedata", file }
}

/// Name and type where the caller gives none: Meta refuses a file whose type is not of its kind.
fn stand_in(kind: MediaKind) -> (&'static str, &'static str) {
    match kind {
        MediaKind::Image => ("image.jpg", "image/jpeg"),
        MediaKind::Gif => ("image.gif", "image/gif"),
        MediaKind::Video => ("video.mp4", "video/mp4"),
        MediaKind::Audio => ("audio.mp3", "audio/mpeg"),
        MediaKind::File | MediaKind::Unspecified => ("file", "application/octet-stream"),
    }
}
