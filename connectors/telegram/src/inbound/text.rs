//! Text and captions, their marks, and who is named in them.

use connector_sdk::{json::Number, text::Utf16};
use kenh_proto::v1::{Entity, Mention, Text};

use crate::wire;

/// The text of a message, or the caption of its files.
pub(super) fn read(message: &wire::Message, bot: Option<&str>) -> (Option<Text>, Vec<Mention>) {
    let (body, marks) = match (message.text.get(), message.caption.get()) {
        (Some(text), _) => (text, &message.entities.0),
        (None, Some(caption)) => (caption, &message.caption_entities.0),
        (None, None) => return (None, Vec::new()),
    };
    let mentions = marks.iter().filter_map(|mark| mention(mark, bot)).collect();
    let entities = if marks.is_empty() {
        Vec::new()
    } else {
        let places = Utf16::of(body);
        marks.iter().filter_map(|mark| entity(&places, mark)).collect()
    };
    (Some(Text { body: body.into(), entities, ..Text::default() }), mentions)
}

fn entity(places: &Utf16, mark: &wire::Entity) -> Option<Entity> {
    let number = |number: Option<Number>| number.and_then(Number::whole);
    let (offset, length) = places.range(number(mark.offset)?, number(mark.length)?)?;
    let user = mark.user.0.as_ref().map(|user| &user.id);
    let values = [Some(&mark.url), user, Some(&mark.custom_emoji_id), Some(&mark.language)];
    let value = values.into_iter().flatten().find_map(|word| word.get()).map(Into::into);
    let kind = mark.kind.get()?;
    Some(Entity { r#type: if kind == "bot_command" { "command" } else { kind }.into(), offset, length, value })
}

/// Somebody named: by a user name, which is in the text, or by a name that only the mark says whose it is.
fn mention(mark: &wire::Entity, bot: Option<&str>) -> Option<Mention> {
    match mark.kind.get()? {
        "mention" => Some(Mention::default()),
        "text_mention" => {
            let id = mark.user.0.as_ref().and_then(|user| user.id.get());
            let is_account = id.is_some() && id == bot;
            Some(Mention { external_id: id.map(Into::into), is_account, ..Mention::default() })
        }
        _ => None,
    }
}
