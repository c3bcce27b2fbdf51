//! Files: by an address, which Meta fetches, or by the id of an upload, which lasts 30 days.
//! See <https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media>.

use connector_sdk::outbound::{Body, File};
use kenh_proto::v1::{Media, MediaKind};
use serde_json::{Map, Value, json};

/// Types WhatsApp takes, by kind.
pub(super) const IMAGES: &[&str] = &["image/jpeg", "image/png"];
pub(super) const FILMS: &[&str] = &["video/mp4", "video/3gpp"];
pub(super) const SOUND: &[&str] =
    &["audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/ogg; codecs=opus"];
pub(super) const DOCUMENTS: &[&str] = &[
    "application/pdf",
    "application/msword",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "text/plain",
];

/// Endings of names, for files whose type nobody states.
const ENDINGS: &[(&str, &str)] = &[
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("png", "image/png"),
    ("mp4", "video/mp4"),
    ("3gp", "video/3gpp"),
    ("aac", "audio/aac"),
    ("amr", "audio/amr"),
    ("mp3", "audio/mpeg"),
    ("m4a", "audio/mp4"),
    ("ogg", "audio/ogg"),
    ("opus", "audio/ogg"),
    ("pdf", "application/pdf"),
    ("doc", "application/msword"),
    ("xls", "application/vnd.ms-excel"),
    ("ppt", "application/vnd.ms-powerpoint"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ("txt", "text/plain"),
];

/// WhatsApp's word for a kind.
pub(super) fn kind(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Image => "image",
        MediaKind::Video => "video",
        MediaKind::Audio => "audio",
        MediaKind::File | MediaKind::Gif | MediaKind::Unspecified => "document",
    }
}

/// A file by its address, or by the id of an upload.
pub(super) fn named(value: &str) -> Value {
    let web = value.starts_with("https://") || value.starts_with("http://");
    if web { json!({"link": value}) } else { json!({"id": value}) }
}

/// A file as a message has it; `uploaded` is the id of what had to be uploaded. Nothing where there is no file.
pub(super) fn object(media: &Media, uploaded: Option<&str>) -> Option<Map<String, Value>> {
    let mut object = Map::new();
    match (media.provider_ref.as_deref().or(uploaded), &media.url) {
        (Some(id), _) => object.insert("id".into(), json!(id)),
        (None, Some(url)) => object.insert("link".into(), json!(url)),
        (None, None) => return None,
    };
    if kind(media.kind()) == "document" {
        object.extend(media.name.as_ref().map(|name| ("filename".to_owned(), json!(name))));
    }
    Some(object)
}

/// The upload of the bytes of a file that has nothing else; nothing where it needs none.
pub(super) fn upload(media: &Media) -> Option<Body> {
    let Media { url: None, provider_ref: None, content: Some(bytes), .. } = media else { return None };
    let mime = mime(media)?;
    let fields = vec![("messaging_product", "whatsapp".to_owned()), ("type", mime.clone())];
    let name = media.name.clone().unwrap_or_else(|| kind(media.kind()).into());
    Some(Body::Multipart { fields, name: "file", file: File { name, mime, bytes: bytes.clone().into() } })
}

/// The type of a file that is uploaded: as stated, by its name, or what most of its kind are. Nothing for a document of which
/// neither says it: Meta looks at the type.
pub(super) fn mime(media: &Media) -> Option<String> {
    let ending = || media.name.as_deref()?.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    let by_name = || ENDINGS.iter().find(|(known, _)| Some(*known) == ending().as_deref()).map(|(_, mime)| *mime);
    let png = media.content.as_ref().is_some_and(|bytes| bytes.starts_with(b"\x89PNG"));
    let common = || match media.kind() {
        MediaKind::Image if png => Some("image/png"),
        MediaKind::Image => Some("image/jpeg"),
        MediaKind::Video => Some("video/mp4"),
        MediaKind::Audio => Some("audio/ogg"),
        MediaKind::File | MediaKind::Gif | MediaKind::Unspecified => None,
    };
    media.mime_type.as_deref().or_else(by_name).or_else(common).map(ToOwned::to_owned)
}
