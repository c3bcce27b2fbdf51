//! Files. They are fetched by their id, with the account's token; an address that comes along is good for minutes.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use connector_sdk::time::Epoch;
use kenh_proto::v1::{Media, MediaKind, MediaState, Sticker, part};
use prost_types::Timestamp;

use crate::wire;

/// A file, and what of it could not be taken over.
pub(super) fn file(kind: MediaKind, media: wire::Media) -> (Media, Option<&'static str>) {
    let url = media.url.into_url();
    let id = media.id.into_option();
    let state = if url.is_some() || id.is_some() { MediaState::Remote } else { MediaState::Unavailable };
    let stated = media.sha256.into_option();
    let checksum = stated.as_deref().and_then(sha256);
    let degraded = (stated.is_some() && checksum.is_none()).then_some("checksum_format");
    let file = Media {
        kind: kind.into(),
        expires_at: url.as_deref().and_then(expiry),
        url,
        provider_ref: id,
        mime_type: media.mime_type.into_option(),
        name: media.filename.into_option(),
        state: state.into(),
        checksum,
        ..Media::default()
    };
    (file, degraded)
}

/// A sticker; the id is that of its file.
pub(super) fn sticker(media: wire::Media) -> part::Content {
    part::Content::Sticker(Sticker { id: media.id.into_option(), url: media.url.into_url(), ..Sticker::default() })
}

/// The digest, which comes in base64 here and in hexadecimal elsewhere.
fn sha256(stated: &str) -> Option<String> {
    let bytes = hex::decode(stated).or_else(|_| STANDARD.decode(stated).map_err(|_| ())).ok()?;
    (bytes.len() == 32).then(|| format!("sha256:{}", hex::encode(bytes)))
}

/// When an address stops working: it says so itself.
fn expiry(url: &str) -> Option<Timestamp> {
    let query = url.split_once('?')?.1;
    let seconds = query.split('&').find_map(|pair| pair.strip_prefix("ext="))?;
    serde_json::from_str::<Epoch>(seconds).ok()?.timestamp()
}
