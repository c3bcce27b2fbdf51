//! Activities into events.

mod action;
mod item;
mod message;
mod place;

use connector_sdk::{Batch, Event, Malformed, json};
use kenh_proto::v1::{
    ConversationAction, MessageDeleted, Reaction, ReactionAction, Receipt, ReceiptStatus, SubscriptionAction,
    SubscriptionChange, Typing, envelope::Payload,
};

use self::item::Item;
use crate::wire::{self, Activity, Read};

pub(crate) use self::{action::answer, item::USER};

/// Reads an activity.
pub(crate) fn normalize(body: &[u8]) -> Result<Batch, Malformed> {
    let parsed = json::object::<Activity>(body)?;
    let item = Item { raw: body, activity: &parsed.value };
    let events = match typed(&item) {
        Ok(Some(events)) if !events.is_empty() => events,
        Ok(Some(_)) => vec![item.unsupported("not_typed", None)],
        Ok(None) => vec![item.unsupported("unknown_event", None)],
        Err(fault) => vec![item.unsupported(fault.reason, Some(fault.detail))],
    };
    Ok(Batch { events: events.into_iter().map(|event| event.degraded(parsed.degraded)).collect(), skipped: Vec::new() })
}

/// The events of an activity whose type is known; none where it is documented and has no form.
fn typed(item: &Item<'_>) -> Result<Option<Vec<Event>>, Malformed> {
    let activity = item.activity;
    let event_type = activity.channel_data.0.event_type.0.get().unwrap_or_default();
    Ok(Some(match activity.kind.0.get().unwrap_or_default() {
        // A button of a card that waits for no answer comes as a message without words.
        "message" if item.text()?.is_none() && action::is_used(item) => vec![action::used(item)],
        "message" => vec![message::written(item)?],
        "messageUpdate" => vec![message::changed(item)?],
        "messageDelete" => {
            let reason = Some(event_type).filter(|reason| !reason.is_empty()).map(Into::into);
            let payload = Payload::MessageDeleted(MessageDeleted { reason });
            vec![item.again(payload).target(item.itself()?)]
        }
        "messageReaction" => reactions(item)?,
        "typing" => vec![item.again(Payload::Typing(Typing { active: true }))],
        "invoke" => vec![action::used(item)],
        "conversationUpdate" => place::changed(item, event_type),
        "endOfConversation" => vec![place::about(item, ConversationAction::Ended, None)],
        "installationUpdate" => installed(item).into_iter().collect(),
        "deleteUserData" => vec![allowed(item, SubscriptionAction::ErasureRequested)],
        "event" => read(item).into_iter().collect(),
        // Documented, and nothing a help desk could act on.
        "contactRelationUpdate" | "trace" | "handoff" | "suggestion" | "command" | "commandResult" => Vec::new(),
        _ => return Ok(None),
    }))
}

/// Reactions of one activity at most; a person has one at a time.
const MOST_REACTIONS: usize = 20;

/// Codes and what they show. <https://learn.microsoft.com/microsoftteams/platform/bots/build-notification-capability>
const EMOJI: &[(&str, &str)] = &[
    ("like", "👍"),
    ("plusOne", "👍"),
    ("heart", "❤️"),
    ("laugh", "😆"),
    ("surprised", "😮"),
    ("sad", "😢"),
    ("angry", "😡"),
];

fn reactions(item: &Item<'_>) -> Result<Vec<Event>, Malformed> {
    let target = item.answered()?;
    let of = |action: ReactionAction, list: &[wire::Reaction]| -> Vec<Event> {
        let codes = list.iter().take(MOST_REACTIONS).filter_map(|reaction| reaction.kind.0.get());
        let event = |code: &str| {
            let emoji = EMOJI.iter().find(|(known, _)| *known == code).map(|(_, emoji)| (*emoji).to_owned());
            let payload = Payload::Reaction(Reaction { action: action.into(), code: Some(code.into()), emoji });
            item.part(&[action.as_str_name(), code], payload).target(target.clone())
        };
        codes.map(event).collect()
    };
    let mut events = of(ReactionAction::Added, &item.activity.reactions_added.0);
    events.extend(of(ReactionAction::Removed, &item.activity.reactions_removed.0));
    Ok(events)
}

/// The app was put in or taken out, by a person or for a team.
fn installed(item: &Item<'_>) -> Option<Event> {
    let action = match item.activity.action.0.get()? {
        "add" | "add-upgrade" => SubscriptionAction::Followed,
        "remove" | "remove-upgrade" => SubscriptionAction::Unfollowed,
        _ => return None,
    };
    Some(allowed(item, action))
}

/// A person lets the bot do more or less than before.
fn allowed(item: &Item<'_>, action: SubscriptionAction) -> Event {
    let source = item.activity.kind.0.get().map(Into::into);
    let change = SubscriptionChange { action: action.into(), source, ..SubscriptionChange::default() };
    item.again(Payload::SubscriptionChange(change))
}

/// A person has read what the bot wrote, up to a message. Other events are the channel's own affairs.
fn read(item: &Item<'_>) -> Option<Event> {
    if item.activity.name.0.get() != Some("application/vnd.microsoft.readReceipt") {
        return None;
    }
    let value = json::object::<Read>(item.activity.value.as_ref()?.get().as_bytes()).ok()?.value;
    let id = value.last_read_message_id.0.into_option()?;
    let receipt = Receipt { status: ReceiptStatus::Read.into(), provider_message_ids: vec![id], ..Receipt::default() };
    Some(item.again(Payload::Receipt(receipt)))
}
