//! Albums: pictures and films shown together. Telegram fetches what is in one, or knows it.
//! See <https://core.telegram.org/bots/api#sendmediagroup>.

use kenh_proto::v1::{Media, MediaKind, Message, Part, outbound_action::What, part::Content};
use serde_json::{Map, Value, json};

use super::media;

/// Files in one at most.
const MOST: usize = 10;

/// Puts pieces that are nothing but pictures and films together, where they stand side by side.
pub(super) fn gathered(pieces: Vec<What>) -> Vec<What> {
    let mut gathered: Vec<What> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        if let (Some(What::Message(before)), What::Message(message)) = (gathered.last_mut(), &piece)
            && fits(before)
            && fits(message)
            && before.parts.len() < MOST
            && message.text.is_none()
            && message.quoted.is_none()
        {
            before.parts.extend(message.parts.iter().cloned());
        } else {
            gathered.push(piece);
        }
    }
    gathered
}

fn fits(message: &Message) -> bool {
    !message.parts.is_empty() && message.parts.iter().all(|part| shown(part).is_some())
}

fn shown(part: &Part) -> Option<&Media> {
    match &part.content {
        Some(Content::Media(media)) if matches!(media.kind(), MediaKind::Image | MediaKind::Video) => {
            media::known(media).map(|_| media)
        }
        _ => None,
    }
}

/// `media` of an album; nothing where it is none.
pub(super) fn listed(message: &Message) -> Option<Value> {
    let files: Vec<_> = message.parts.iter().map(shown).collect::<Option<_>>()?;
    let one = |file: &&Media| {
        let mut item = Map::new();
        item.insert("type".into(), json!(if file.kind() == MediaKind::Video { "video" } else { "photo" }));
        item.insert("media".into(), json!(media::known(file)));
        item.extend(file.caption.as_ref().map(|caption| ("caption".to_owned(), json!(caption))));
        Value::Object(item)
    };
    (files.len() > 1).then(|| files.iter().map(one).collect())
}
