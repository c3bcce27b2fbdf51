//! Messages, by subtype: written, changed, taken back, and what is only told as a message.

use connector_sdk::{Event, Malformed, json};
use kenh_proto::v1::{
    ConversationAction, ConversationEvent, Message, MessageDeleted, MessageEdited, Quote, Target, Text,
    envelope::Payload,
};

use super::{
    event,
    item::{Item, by_channel},
    parts, text,
};
use crate::wire;

/// `message`, `app_mention`
pub(super) fn read(item: &Item<'_>) -> Result<Option<Event>, Malformed> {
    let subtype = item.event.subtype.0.get();
    Ok(Some(match subtype.unwrap_or_default() {
        "" | "file_share" | "thread_broadcast" | "me_message" | "bot_message" => written(item)?,
        "message_changed" => return changed(item).map(Some),
        "message_deleted" => deleted(item)?,
        "channel_join" | "group_join" => event::members(item, ConversationAction::MembersAdded)?,
        "channel_leave" | "group_leave" => event::members(item, ConversationAction::MembersRemoved)?,
        "assistant_app_thread" => about(item, ConversationAction::Started),
        "channel_archive" | "group_archive" => about(item, ConversationAction::Ended),
        "channel_name" | "channel_topic" | "channel_purpose" | "group_name" | "group_topic" | "group_purpose" => {
            about(item, ConversationAction::SettingsChanged)
        }
        // A thread got an answer, which comes as a message of its own.
        "message_replied" => item.unsupported("not_typed", None),
        _ => return Ok(None),
    }))
}

fn written(item: &Item<'_>) -> Result<Event, Malformed> {
    let raw = item.call.event.as_ref().ok_or_else(|| json::missing("event"))?;
    let message = json::object::<wire::Message>(raw.get().as_bytes())?;
    let wire = message.value;
    let channel = item.event.channel.0.required("channel")?;
    let ts = wire.ts.required("ts")?.to_owned();
    // The app is part of the identity: the same message is another one to another app of the workspace.
    let app = item.call.api_app_id.0.get().unwrap_or_default();
    let key = format!("message:{app}:{channel}:{ts}");
    let thread = wire.thread_ts.0.get().filter(|thread| *thread != ts);
    let quoted = thread.map(|thread| Quote { provider_message_id: thread.into(), ..Quote::default() });
    let (text, mentions) = words(item, &wire);
    let (parts, empty) = parts::read(&wire.files.0, wire.attachments.0, text.is_none());
    let payload = Payload::Message(Message { text, mentions, parts, quoted, ..Message::default() });
    let event = item.event(key, Some(channel), payload).message_id(ts).degraded(empty).degraded(message.degraded);
    Ok(item.by(item.author, event))
}

/// An edit by a person has `edited`. Without it, Slack itself changed something: a link's preview, the count of answers.
fn changed(item: &Item<'_>) -> Result<Event, Malformed> {
    let message = item.event.message.0.as_deref().ok_or_else(|| json::missing("message"))?;
    let ts = message.ts.required("message.ts")?;
    let target = Target { provider_message_id: Some(ts.into()), ..Target::default() };
    let channel = item.event.channel.0.get();
    // The first message of a thread leaves a stone where it was.
    if message.subtype.0.get() == Some("tombstone") {
        let payload = Payload::MessageDeleted(MessageDeleted::default());
        return Ok(taken_back(item, item.event(item.key(), channel, payload).target(target)));
    }
    let Some(edited) = &message.edited.0 else { return Ok(item.unsupported("no_user_edit", None)) };
    let parts = parts::files(&message.files.0);
    let payload = Payload::MessageEdited(MessageEdited { text: words(item, message).0, parts, revision: None });
    let mut event = item.by(&message.author(), item.event(item.key(), channel, payload).target(target));
    if let (Some(actor), Some(user)) = (&mut event.envelope.actor, edited.user.get()) {
        actor.external_id = Some(user.into());
    }
    Ok(event)
}

fn deleted(item: &Item<'_>) -> Result<Event, Malformed> {
    let ts = item.event.deleted_ts.0.required("deleted_ts")?;
    let target = Target { provider_message_id: Some(ts.into()), ..Target::default() };
    let payload = Payload::MessageDeleted(MessageDeleted::default());
    Ok(taken_back(item, item.event(item.key(), item.event.channel.0.get(), payload).target(target)))
}

/// Slack says whose the message was and not who took it away.
fn taken_back(item: &Item<'_>, event: Event) -> Event {
    let Some(before) = &item.event.previous_message.0 else { return by_channel(event) };
    let mut event = item.by(&before.author(), event);
    event.envelope.actor = None;
    event
}

/// Something about the channel itself.
fn about(item: &Item<'_>, action: ConversationAction) -> Event {
    let title = item.event.name.0.get().map(Into::into);
    let change = ConversationEvent { action: action.into(), members: Vec::new(), title };
    let event = item.event(item.key(), item.event.channel.0.get(), Payload::ConversationEvent(change));
    item.by(item.author, event)
}

fn words(item: &Item<'_>, message: &wire::Message) -> (Option<Text>, Vec<kenh_proto::v1::Mention>) {
    match message.text.get() {
        Some(body) => {
            let (text, mentions) = text::read(body, &item.bots());
            (Some(text), mentions)
        }
        None => (None, Vec::new()),
    }
}
