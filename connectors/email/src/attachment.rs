//! Files that hang on a mail, described. The bytes stay where they are, in the raw bytes of the event, which are kept with
//! it; `provider_ref` says where in them, and [`bytes()`] finds them again.
//!
//! A reference is `part:<n>`, the part's number among all parts of the message from 0, or `part:<n>/tnef:<m>` for a file
//! within a `winmail.dat`.

use std::collections::HashSet;

use kenh_proto::v1::{Media, MediaKind, MediaState, Part, part::Content};
use mail_parser::{MessagePart, MimeHeaders as _, PartType};
use sha2::{Digest as _, Sha256};

use crate::{charset, mail::Mail, tnef};

/// Files that are described; the others are in the raw bytes.
const MOST: usize = 200;
/// `quality.degraded` code of a mail with more.
pub(crate) const CUT: &str = "attachments_cut";

/// Describes them. `bodies` are the parts that are text of the mail itself, `html` is its HTML, which may show some of them.
pub(crate) fn parts(mail: &Mail<'_>, bodies: &HashSet<usize>, html: &str) -> (Vec<Part>, Option<&'static str>) {
    let mut files: Vec<Media> = Vec::new();
    let mut cut = None;
    for (place, part) in mail.parts().iter().enumerate() {
        let is_container = matches!(part.body, PartType::Multipart(_));
        if is_container || bodies.contains(&place) {
            continue;
        }
        if files.len() >= MOST {
            cut = Some(CUT);
            break;
        }
        let bytes = mail.bytes(place);
        // An empty text beside others is what is left over between parts.
        if bytes.iter().all(u8::is_ascii_whitespace) && part.attachment_name().is_none() {
            continue;
        }
        let media = describe(place, part, &bytes, html);
        let (mime, name) = (media.mime_type.clone().unwrap_or_default(), media.name.clone());
        files.push(media);
        if tnef::is_tnef(&mime, name.as_deref()) {
            let within = tnef::files(&bytes).into_iter().enumerate();
            files.extend(within.take(MOST).map(|(number, file)| within_tnef(place, number, &file)));
        }
    }
    if files.len() > MOST {
        cut = Some(CUT);
        files.truncate(MOST);
    }
    (files.into_iter().map(|media| Part { content: Some(Content::Media(media)) }).collect(), cut)
}

/// The bytes of a file, by its reference.
pub(crate) fn bytes(mail: &Mail<'_>, reference: &str) -> Option<Vec<u8>> {
    let (place, within) = match reference.split_once('/') {
        Some((place, within)) => (place, Some(within)),
        None => (reference, None),
    };
    let place: usize = place.strip_prefix("part:")?.parse().ok()?;
    let part = mail.parts().get(place)?;
    if matches!(part.body, PartType::Multipart(_)) {
        return None;
    }
    let bytes = mail.bytes(place);
    let Some(within) = within else { return Some(bytes.into_owned()) };
    let number: usize = within.strip_prefix("tnef:")?.parse().ok()?;
    tnef::files(&bytes).get(number).map(|file| file.bytes.to_vec())
}

fn describe(place: usize, part: &MessagePart<'_>, bytes: &[u8], html: &str) -> Media {
    let mime = part.content_type().map(|kind| match kind.subtype() {
        Some(subtype) => format!("{}/{subtype}", kind.ctype()).to_ascii_lowercase(),
        None => kind.ctype().to_ascii_lowercase(),
    });
    let content_id =
        part.content_id().map(|id| id.trim().trim_matches(['<', '>']).to_owned()).filter(|id| !id.is_empty());
    let shown = content_id.as_ref().is_some_and(|id| html.contains(&format!("cid:{id}")));
    let name = part.attachment_name().map(|name| charset::composed(name.trim())).filter(|name| !name.is_empty());
    Media {
        content_id,
        inline: shown,
        ..media(format!("part:{place}"), mime.or_else(|| Some("text/plain".into())), name, bytes)
    }
}

fn within_tnef(place: usize, number: usize, file: &tnef::File<'_>) -> Media {
    media(format!("part:{place}/tnef:{number}"), None, file.name.clone(), file.bytes)
}

fn media(provider_ref: String, mime_type: Option<String>, name: Option<String>, bytes: &[u8]) -> Media {
    Media {
        kind: kind(mime_type.as_deref().unwrap_or_default()).into(),
        provider_ref: Some(provider_ref),
        mime_type,
        size: u64::try_from(bytes.len()).ok(),
        name,
        state: MediaState::Enclosed.into(),
        sha256: Some(Sha256::digest(bytes).to_vec()),
        ..Media::default()
    }
}

fn kind(mime: &str) -> MediaKind {
    match mime.split_once('/') {
        Some(("image", "gif")) => MediaKind::Gif,
        Some(("image", _)) => MediaKind::Image,
        Some(("video", _)) => MediaKind::Video,
        Some(("audio", _)) => MediaKind::Audio,
        Some(_) | None => MediaKind::File,
    }
}
