//! Messages: written, changed, taken back.

use connector_sdk::{Event, Malformed, json::missing};
use kenh_proto::v1::{
    ActorRole, Direction, Message, MessageDeleted, MessageEdited, Quote, Referral, Target, envelope::Payload,
};

use super::{
    change,
    item::{Item, by_channel, placed, timed},
    media, person, text,
};
use crate::wire;

/// More than can be chosen at once; each becomes an event that carries the whole update.
const MOST_DELETED: usize = 100;

/// `message`, `business_message`, `channel_post`
pub(super) fn written(item: &Item<'_>, inner: &[u8], wire: &wire::Message) -> Result<Event, Malformed> {
    if let Some(change) = change::told(wire) {
        let event = timed(item.event(Payload::ConversationEvent(change)), wire.date);
        let by_somebody = wire.from.0.is_some() || wire.sender_chat.0.is_some();
        return if by_somebody {
            placed_by(item, wire, event)
        } else {
            Ok(by_channel(placed(event, &wire.chat, None)?))
        };
    }
    let id = wire.message_id.required("message_id")?;
    let (words, mentions) = text::read(wire, item.bot);
    let parts = media::parts(inner, wire);
    if words.is_none() && parts.is_empty() {
        let event = item.unsupported_as(&media::unknown_kind(item.kind, inner), "not_typed", None);
        return Ok(timed(placed(event, &wire.chat, wire.business_connection_id.0.get())?, wire.date));
    }
    let referral = started(wire);
    let message = Message {
        text: words,
        mentions,
        parts,
        quoted: quoted(wire),
        forwarded: wire.forward_origin.0.is_some(),
        album: wire.media_group_id.0.get().map(Into::into),
        ..Message::default()
    };
    let event = timed(item.event(Payload::Message(message)), wire.date).message_id(id);
    let mut event = placed_by(item, wire, event)?;
    event.envelope.referral = referral;
    Ok(event)
}

/// `edited_message`, `edited_business_message`, `edited_channel_post`
pub(super) fn edited(item: &Item<'_>, wire: &wire::Message) -> Result<Event, Malformed> {
    let id = wire.message_id.required("message_id")?;
    let payload = MessageEdited { text: text::read(wire, item.bot).0, parts: media::files(wire), revision: None };
    let event = timed(item.event(Payload::MessageEdited(payload)), wire.edit_date.or(wire.date)).target(message(id));
    placed_by(item, wire, event)
}

/// `deleted_business_messages`: the only deletions Telegram reports. Who deleted is not said.
pub(super) fn deleted(item: &Item<'_>, wire: &wire::Deleted) -> Result<Vec<Event>, Malformed> {
    let mut ids: Vec<_> = wire.message_ids.iter().filter_map(|id| id.get()).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Err(missing("message_ids"));
    }
    if ids.len() > MOST_DELETED {
        let detail = format!("message_ids: more than {MOST_DELETED}");
        return Err(Malformed { reason: "unexpected_shape", detail });
    }
    let one = |id: &str| {
        let event = item.one_of(id, Payload::MessageDeleted(MessageDeleted::default())).target(message(id));
        let event = placed(event, &wire.chat, wire.business_connection_id.get())?;
        Ok(person::known(event, &person::partner(&wire.chat)).direction(Direction::System))
    };
    ids.into_iter().map(one).collect()
}

fn message(id: &str) -> Target {
    Target { provider_message_id: Some(id.into()), ..Target::default() }
}

/// Puts a message where it was written, by whom it was written.
fn placed_by(item: &Item<'_>, wire: &wire::Message, event: Event) -> Result<Event, Malformed> {
    let business = wire.business_connection_id.0.get();
    let event = placed(event, &wire.chat, business)?;
    let author = wire.from.0.as_ref();
    let author_id = author.and_then(|author| author.id.get());
    if item.kind.ends_with("channel_post") {
        // A bot sees only channels whose owner made it an administrator: what is posted there is the business's own.
        let channel = wire.sender_chat.0.as_ref().and_then(|chat| chat.id.get());
        let mut event = event.direction(Direction::Echo).actor(ActorRole::Unspecified, channel);
        let signature = wire.author_signature.0.get().map(Into::into);
        event.envelope.actor.get_or_insert_default().display_name = signature;
        return Ok(event);
    }
    if business.is_some() && author_id.is_some() && author_id != wire.chat.id.get() {
        // The owner of the business account wrote, from any of their devices.
        let event = person::known(event, &person::partner(&wire.chat)).direction(Direction::Echo);
        let ours = author_id == item.bot;
        return Ok(event.actor(if ours { ActorRole::Bot } else { ActorRole::Agent }, author_id));
    }
    Ok(match (&wire.sender_chat.0, author) {
        (Some(chat), _) => person::by_chat(event, chat),
        (None, Some(author)) if author_id.is_some() && author_id == item.bot => {
            event.direction(Direction::Echo).actor(ActorRole::Bot, author.id.get())
        }
        (None, Some(author)) => person::by(event, author),
        (None, None) if wire.chat.kind.0.get() == Some("private") => person::by(event, &person::partner(&wire.chat)),
        (None, None) => event.direction(Direction::Inbound),
    })
}

fn quoted(wire: &wire::Message) -> Option<Quote> {
    let answered = wire.reply_to_message.0.as_ref()?;
    let words = [&wire.quote.0.text, &answered.text, &answered.caption].into_iter().find_map(|word| word.get());
    let (author, former) = (wire.from.0.as_ref(), answered.from.0.as_ref());
    let id = |user: Option<&wire::User>| user.and_then(|user| user.id.get().map(str::to_owned));
    let is_self = id(author).zip(id(former)).map(|(author, former)| author == former);
    Some(Quote { provider_message_id: answered.message_id.get()?.into(), text: words.map(Into::into), is_self })
}

/// The chat was begun through a link with a word of the business's own in it.
fn started(wire: &wire::Message) -> Option<Referral> {
    let reference = wire.text.get()?.strip_prefix("/start ")?.trim();
    let referral = Referral { source: Some("start".into()), r#ref: Some(reference.into()), ..Referral::default() };
    (!reference.is_empty()).then_some(referral)
}
