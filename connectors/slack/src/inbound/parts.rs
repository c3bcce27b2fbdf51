//! Files and attachments.

use connector_sdk::json::Number;
use kenh_proto::v1::{Link, Media, MediaKind, MediaState, Part, UnknownPart, part::Content};

use crate::wire::{File, Unfurl};

/// The parts of a message, and a note when it has neither words nor parts.
pub(super) fn read(files: &[File], unfurls: Vec<Unfurl>, wordless: bool) -> (Vec<Part>, Option<&'static str>) {
    let mut parts = self::files(files);
    parts.extend(unfurls.into_iter().map(|unfurl| Part { content: Some(Content::Link(link(unfurl))) }));
    if !parts.is_empty() || !wordless {
        return (parts, None);
    }
    // Somebody did write: blocks that have no text.
    let unknown = UnknownPart { provider_type: "blocks".into(), ..UnknownPart::default() };
    (vec![Part { content: Some(Content::Unknown(unknown)) }], Some("no_content"))
}

/// Files. Whoever fetches one must send the app's token along, or gets a page to log in with.
pub(super) fn files(files: &[File]) -> Vec<Part> {
    files.iter().map(|file| Part { content: Some(Content::Media(media(file))) }).collect()
}

fn media(file: &File) -> Media {
    let kind = match file.mimetype.get().and_then(|mime| mime.split('/').next()) {
        Some("image") => MediaKind::Image,
        Some("video") => MediaKind::Video,
        Some("audio") => MediaKind::Audio,
        Some(_) | None => MediaKind::File,
    };
    let gone = matches!(file.mode.get(), Some("tombstone" | "hidden_by_limit"));
    let pixels = |number: Option<Number>| number.and_then(Number::whole).and_then(|number| u32::try_from(number).ok());
    Media {
        kind: kind.into(),
        url: file.url_private_download.clone().into_url().or_else(|| file.url_private.clone().into_url()),
        provider_ref: file.id.get().map(Into::into),
        mime_type: file.mimetype.get().map(Into::into),
        size: file.size.and_then(Number::whole),
        name: file.name.get().map(Into::into),
        duration_ms: file.duration_ms.and_then(Number::whole),
        width: pixels(file.original_w),
        height: pixels(file.original_h),
        state: if gone { MediaState::Unavailable } else { MediaState::Remote }.into(),
        ..Media::default()
    }
}

fn link(unfurl: Unfurl) -> Link {
    Link {
        url: unfurl.title_link.into_url().or_else(|| unfurl.from_url.into_url()),
        title: unfurl.title.into_option(),
        description: unfurl.text.into_option().or_else(|| unfurl.fallback.into_option()),
        thumbnail_url: unfurl.image_url.into_url().or_else(|| unfurl.thumb_url.into_url()),
        r#type: Some("attachment".into()),
    }
}
