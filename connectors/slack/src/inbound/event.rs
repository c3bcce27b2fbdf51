//! The Events API: which event it is.

use connector_sdk::{
    Event, Malformed,
    json::{self, Parsed},
    time::Epoch,
};
use kenh_proto::v1::{
    AccountEvent, AccountEventKind, Action, ActionKind, ConversationAction, ConversationEvent, Identity, Reaction,
    ReactionAction, Target, envelope::Payload,
};

use super::{
    item::{Item, USER, by_channel},
    message,
};
use crate::wire::{self, Author, Call};

/// Reads the event of a call.
pub(super) fn read(raw: &[u8], call: &Parsed<Call>) -> Event {
    let bytes = call.value.event.as_ref().map(|event| event.get().as_bytes());
    let (event, fault) = match bytes.map(json::object::<wire::Event>) {
        Some(Ok(event)) => (event, None),
        Some(Err(fault)) => (nothing(), Some(fault)),
        None if call.value.kind.0.get() == Some("event_callback") => (nothing(), Some(json::missing("event"))),
        None => (nothing(), None),
    };
    let author = bytes.and_then(|bytes| json::object::<Author>(bytes).ok()).map(|author| author.value);
    let item = Item { raw, call: &call.value, event: &event.value, author: &author.unwrap_or_default() };
    let outcome = match fault {
        Some(fault) => Err(fault),
        None => typed(&item),
    };
    let made = match outcome {
        Ok(Some(made)) => made,
        Ok(None) => item.unsupported("unknown_event", None),
        Err(fault) => item.unsupported(fault.reason, Some(fault.detail)),
    };
    made.degraded(call.degraded.or(event.degraded))
}

fn nothing() -> Parsed<wire::Event> {
    Parsed { value: wire::Event::default(), degraded: None }
}

fn typed(item: &Item<'_>) -> Result<Option<Event>, Malformed> {
    Ok(Some(match item.event.kind.0.get().unwrap_or_default() {
        // A mention of the app comes as both, in any order; they are one message.
        "message" | "app_mention" => return message::read(item),
        "reaction_added" => reaction(item, ReactionAction::Added)?,
        "reaction_removed" => reaction(item, ReactionAction::Removed)?,
        "member_joined_channel" => members(item, ConversationAction::MembersAdded)?,
        "member_left_channel" => members(item, ConversationAction::MembersRemoved)?,
        "app_home_opened" => home(item),
        "app_uninstalled" | "tokens_revoked" => revoked(item),
        _ => return Ok(None),
    }))
}

fn reaction(item: &Item<'_>, action: ReactionAction) -> Result<Event, Malformed> {
    let to = &item.event.item.0;
    let code = item.event.reaction.0.required("reaction")?.to_owned();
    // A reaction to a file alone has neither channel nor message.
    let target = Target { provider_message_id: Some(to.ts.required("item.ts")?.into()), ..Target::default() };
    let payload = Payload::Reaction(Reaction { action: action.into(), code: Some(code), emoji: None });
    let event = item.event(item.key(), to.channel.get(), payload).target(target);
    Ok(item.by(item.author, event))
}

/// Somebody came or went: by the events of that name, or by a message that says so.
pub(super) fn members(item: &Item<'_>, action: ConversationAction) -> Result<Event, Malformed> {
    let user = item.author.user.0.required("user")?.to_owned();
    let scope = item.team().map(Into::into);
    let members = vec![Identity { scheme: USER.into(), value: user, scope, verified: true }];
    let change = ConversationEvent { action: action.into(), members, title: None };
    let event = item.event(item.key(), item.event.channel.0.get(), Payload::ConversationEvent(change));
    Ok(item.by(item.author, event))
}

fn home(item: &Item<'_>) -> Event {
    let tab = item.event.tab.0.get().map(|tab| ("tab".to_owned(), tab.to_owned()));
    let action = Action { kind: ActionKind::OpenChat.into(), values: tab.into_iter().collect(), ..Action::default() };
    let event = item.event(item.key(), item.event.channel.0.get(), Payload::Action(action));
    item.by(item.author, event)
}

fn revoked(item: &Item<'_>) -> Event {
    let event = AccountEvent {
        kind: AccountEventKind::AuthorizationRevoked.into(),
        reason: item.event.kind.0.get().map(Into::into),
        ..AccountEvent::default()
    };
    by_channel(item.event(item.key(), None, Payload::AccountEvent(event)))
}

/// `app_rate_limited`: events of this minute are missing, and nobody will send them again.
pub(super) fn rate_limited(raw: &[u8], call: &Call) -> Event {
    let item = Item { raw, call, event: &wire::Event::default(), author: &Author::default() };
    let account = AccountEvent {
        kind: AccountEventKind::Quota.into(),
        current: Some("app_rate_limited".into()),
        ..AccountEvent::default()
    };
    let event = by_channel(item.event(item.key(), None, Payload::AccountEvent(account)));
    event.occurred_at(call.minute_rate_limited.and_then(Epoch::timestamp))
}
