//! What sort of file it is: Zalo takes few types, and callers do not always say.

use kenh_proto::v1::{Media, MediaKind};

/// Bytes of a picture at most.
pub(super) const MOST_IMAGE: u64 = 1 << 20;
/// Bytes of a file at most.
pub(super) const MOST_FILE: u64 = 5 << 20;
/// Bytes of a moving picture at most: no bound is published, so as much as a caller may give us.
pub(super) const MOST_GIF: u64 = 10 << 20;

/// Types of pictures.
pub(super) const IMAGES: [&str; 2] = ["image/jpeg", "image/png"];
/// The type of moving pictures.
pub(super) const GIF: &str = "image/gif";
const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
/// Types of files. Not every copy of the documentation has CSV.
pub(super) const FILES: [&str; 4] = ["application/pdf", "application/msword", DOCX, "text/csv"];

/// Types by how a name ends; the first is what a file of that type is called by.
const ENDINGS: [(&str, &str); 8] = [
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("png", "image/png"),
    ("gif", GIF),
    ("pdf", "application/pdf"),
    ("doc", "application/msword"),
    ("docx", DOCX),
    ("csv", "text/csv"),
];

/// Types by how the bytes begin.
const BEGINNINGS: [(&[u8], &str); 4] = [
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", GIF),
    (b"%PDF-", "application/pdf"),
];

/// What says nothing about a file.
const ANYTHING: &str = "application/octet-stream";

/// Fills in the type where the caller left it out: from the bytes, the name or the address. A file whose name ends in
/// something Zalo does not take is `application/octet-stream`, so that it becomes a link rather than fail.
pub(super) fn typed(media: &mut Media) {
    let named = || [media.name.as_deref(), media.url.as_deref().map(path)].into_iter().flatten().find_map(ending);
    let by_ending = || {
        let ending = named()?;
        let known = of_ending(ending);
        let document = matches!(media.kind(), MediaKind::File | MediaKind::Unspecified);
        known.or_else(|| document.then_some(ANYTHING))
    };
    let stated = media.mime_type.as_deref().and_then(bare);
    let found =
        stated.or_else(|| media.content.as_deref().and_then(of_bytes).or_else(by_ending).map(ToOwned::to_owned));
    media.mime_type = found;
}

/// The type of a file whose bytes are there: by the bytes, or as the server, the caller or the name says. A web page is
/// what servers send in place of a file; its type is left as it is.
pub(super) fn of_file(mime: Option<&str>, bytes: &[u8], media: &Media) -> Option<String> {
    if mime.and_then(bare).as_deref() == Some("text/html") {
        return None;
    }
    let known = |mime: String| IMAGES.contains(&&*mime) || FILES.contains(&&*mime) || mime == GIF;
    let stated = || media.mime_type.as_deref().and_then(bare).filter(|mime| known(mime.clone()));
    let by_name = || media.name.as_deref().and_then(ending).and_then(of_ending);
    of_bytes(bytes)
        .map(ToOwned::to_owned)
        .or_else(|| mime.and_then(bare).filter(|mime| known(mime.clone())))
        .or_else(stated)
        .or_else(|| by_name().map(ToOwned::to_owned))
}

/// A name that ends as its type does.
pub(super) fn name(media: &Media, mime: &str) -> String {
    let own = media.name.as_deref().filter(|name| ending(name).and_then(of_ending) == Some(mime));
    let wanted = ENDINGS.iter().find(|(_, known)| *known == mime).map_or("bin", |(ending, _)| *ending);
    own.map_or_else(|| format!("file.{wanted}"), ToOwned::to_owned)
}

/// Width and height, from the beginning of a moving picture.
pub(super) fn gif_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let size = bytes.strip_prefix(b"GIF87a").or_else(|| bytes.strip_prefix(b"GIF89a"))?;
    let number = |at: usize| Some(u32::from(u16::from_le_bytes([*size.get(at)?, *size.get(at + 1)?])));
    Some((number(0)?, number(2)?)).filter(|(width, height)| *width > 0 && *height > 0)
}

/// A type without its parameters; none where it says nothing.
fn bare(mime: &str) -> Option<String> {
    let bare = mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    Some(bare).filter(|mime| !mime.is_empty() && mime != ANYTHING)
}

fn of_bytes(bytes: &[u8]) -> Option<&'static str> {
    BEGINNINGS.iter().find(|(beginning, _)| bytes.starts_with(beginning)).map(|(_, mime)| *mime)
}

fn of_ending(ending: &str) -> Option<&'static str> {
    ENDINGS.iter().find(|(known, _)| known.eq_ignore_ascii_case(ending)).map(|(_, mime)| *mime)
}

/// The last segment of an address, without what follows the path.
fn path(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.split_once("://").and_then(|(_, rest)| rest.rsplit_once('/')).map_or("", |(_, name)| name)
}

fn ending(name: &str) -> Option<&str> {
    let (_, ending) = name.rsplit_once('.')?;
    (1..=5).contains(&ending.len()).then_some(ending).filter(|ending| ending.bytes().all(|b| b.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(media: Media) -> Option<String> {
        let mut media = media;
        typed(&mut media);
        media.mime_type
    }

    fn at(kind: MediaKind, url: &str) -> Media {
        Media { kind: kind.into(), url: Some(url.into()), ..Media::default() }
    }

    #[test]
    fn a_type_is_found_where_there_is_one() {
        let said =
            |mime: &str| Media { mime_type: Some(mime.into()), ..at(MediaKind::File, "https://m.example.test/a.pdf") };
        assert_eq!(of(said("Text/CSV; charset=utf-8")).as_deref(), Some("text/csv"));
        assert_eq!(of(said(ANYTHING)).as_deref(), Some("application/pdf"));
        let bytes =
            Media { content: Some(b"\x89PNG\r\n\x1a\n...".to_vec()), name: Some("a.jpg".into()), ..Media::default() };
        assert_eq!(of(bytes).as_deref(), Some("image/png"));
        assert_eq!(of(at(MediaKind::Image, "https://m.example.test/a.JPG?x=.gif")).as_deref(), Some("image/jpeg"));
        assert_eq!(of(at(MediaKind::File, "https://m.example.test/a.zip")).as_deref(), Some(ANYTHING));
        for unknown in ["https://m.example.test", "https://m.example.test/a", "https://m.example.test/get?f=a.pdf"] {
            assert_eq!(of(at(MediaKind::File, unknown)), None, "{unknown}");
        }
        assert_eq!(of(at(MediaKind::Image, "https://m.example.test/a.webp")), None);
    }

    #[test]
    fn a_moving_picture_says_its_size() {
        assert_eq!(gif_size(b"GIF89a\xc8\x00\x78\x00;"), Some((200, 120)));
        for none in [&b"GIF89a\xc8\x00\x78"[..], b"GIF89a\x00\x00\x78\x00", b"GIF88a\xc8\x00\x78\x00", b""] {
            assert_eq!(gif_size(none), None);
        }
    }

    #[test]
    fn a_name_ends_as_its_type_does() {
        let named = |name: &str| Media { name: Some(name.into()), ..Media::default() };
        assert_eq!(name(&named("bao gia.PDF"), "application/pdf"), "bao gia.PDF");
        assert_eq!(name(&named("bao-gia.txt"), "application/pdf"), "file.pdf");
        assert_eq!(name(&Media::default(), "image/jpeg"), "file.jpg");
    }
}
