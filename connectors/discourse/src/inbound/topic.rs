//! Topics and people.

use connector_sdk::{Event, Malformed, digest_key};
use kenh_proto::v1::{ContactUpdate, ConversationAction, ConversationEvent, ConversationKind, envelope::Payload};

use super::item::{Item, Person, timed};
use crate::wire::{Topic, User};

/// `topic_created` and the others. That its first post was written comes as an event of its own.
pub(super) fn told(item: &Item<'_>, topic: &Topic) -> Result<Event, Malformed> {
    let id = topic.id.0.required("id")?;
    let word = item.event.unwrap_or("topic_edited");
    let closed = topic.closed.0.is_some_and(|closed| closed.0);
    let action = match word {
        "topic_destroyed" => ConversationAction::Ended,
        "topic_closed_status_updated" if closed => ConversationAction::Ended,
        "topic_created" | "topic_recovered" | "topic_closed_status_updated" => ConversationAction::Started,
        other if other.starts_with("topic_") => ConversationAction::SettingsChanged,
        _ => return Ok(item.unsupported("unknown_event", None)),
    };
    let title = topic.title.0.get().map(ToOwned::to_owned);
    let change = ConversationEvent { action: action.into(), title: title.clone(), ..ConversationEvent::default() };
    let by = &topic.created_by.0;
    let person = Person { username: &by.username, id: &by.id, name: &by.name };
    let mut event =
        item.done(format!("{word}:{id}:{}", digest_key(item.raw)), &person, Payload::ConversationEvent(change));
    // Who began it is named, and not who changed it.
    if action != ConversationAction::Started {
        event.envelope.actor = None;
    }
    let private = topic.archetype.0.get() == Some("private_message");
    event = event.conversation(if private { ConversationKind::Group } else { ConversationKind::PublicPost }, id);
    if let Some(conversation) = &mut event.envelope.conversation {
        conversation.title = title;
    }
    let at = topic.created_at.0.get().filter(|_| word == "topic_created");
    Ok(timed(event, at))
}

/// `user_created`, `user_updated`, `user_approved`, `user_confirmed_email`. Others, such as coming and going, say nothing new of a
/// person.
pub(super) fn user(item: &Item<'_>, user: &User) -> Result<Event, Malformed> {
    let word = item.event.unwrap_or("user_updated");
    if !matches!(word, "user_created" | "user_updated" | "user_approved" | "user_confirmed_email") {
        return Ok(item.unsupported(if word.starts_with("user_") { "not_typed" } else { "unknown_event" }, None));
    }
    let username = user.username.0.required("username")?;
    let fields = [("name", &user.name), ("email", &user.email), ("location", &user.location)];
    let fields = fields.into_iter().filter_map(|(name, word)| Some((name.to_owned(), word.0.get()?.to_owned())));
    let update = ContactUpdate { fields: fields.collect(), ..ContactUpdate::default() };
    let person = Person { username: &user.username, id: &user.id, name: &user.name };
    let key = format!("{word}:{username}:{}", digest_key(item.raw));
    Ok(item.done(key, &person, Payload::ContactUpdate(update)))
}
