//! Pictures and films. Those of direct messages are served to the account's own token only.

use connector_sdk::json::Number;
use kenh_proto::v1::{Media, MediaKind, MediaState, part::Content};

use crate::wire::{File, Variant};

/// A file at X; of a film the version with most bits.
pub(super) fn file(file: File) -> Content {
    let kind = match file.kind.0.get() {
        Some("photo") => MediaKind::Image,
        Some("animated_gif") => MediaKind::Gif,
        Some("video") => MediaKind::Video,
        _ => MediaKind::File,
    };
    let picture = file.media_url_https.0.into_url();
    let video = file.video_info.0;
    let duration_ms = video.as_ref().and_then(|video| video.duration_millis.0).and_then(Number::whole);
    let variants = video.into_iter().flat_map(|video| video.variants.0).map(|variant| variant.0);
    let best = variants.filter(|one| one.content_type.0.get() == Some("video/mp4")).max_by_key(bits);
    let best = best.and_then(|variant| variant.url.0.into_url());
    let is_film = best.is_some();
    let url = best.or_else(|| picture.clone());
    Content::Media(Media {
        kind: kind.into(),
        state: if url.is_some() { MediaState::Remote } else { MediaState::Unavailable }.into(),
        provider_ref: file.id_str.0.into_option(),
        url,
        thumbnail_url: picture.filter(|_| is_film),
        mime_type: is_film.then(|| "video/mp4".to_owned()),
        duration_ms,
        ..Media::default()
    })
}

fn bits(variant: &Variant) -> u64 {
    variant.bitrate.0.and_then(Number::whole).unwrap_or_default()
}
