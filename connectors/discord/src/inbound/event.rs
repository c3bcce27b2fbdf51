//! Webhook events: what happens to the application outside of any interaction.

use connector_sdk::{
    Event, digest_key,
    json::{self, Number, Raw, name},
    time::{OUT_OF_RANGE, from_rfc3339},
};
use kenh_proto::v1::{ActorRole, Direction, SubscriptionAction, SubscriptionChange, envelope::Payload};

use super::interaction::{USER, named};
use crate::wire::{Call, WebhookEvent};

/// What the types begin with that are documented and have no typed form: purchases, quests, and what the social SDK of games
/// tells of its lobbies.
const UNTYPED: &[&str] = &["ENTITLEMENT_", "QUEST_", "LOBBY_MESSAGE_", "GAME_DIRECT_MESSAGE_"];

/// The event of a call.
pub(super) fn told(call: &Call, body: &[u8], raw: &Raw) -> Event {
    let account = call.application_id.0.get();
    let event = match json::object::<WebhookEvent>(raw.get().as_bytes()) {
        Ok(event) => event,
        Err(fault) => {
            let detail = format!("event: {}", fault.detail);
            return Event::unsupported(account, body, None, fault.reason, Some(detail));
        }
    };
    let degraded = event.degraded;
    let event = event.value;
    let kind = event.kind.0.get().unwrap_or_default();
    let action = match kind {
        "APPLICATION_AUTHORIZED" => Some(SubscriptionAction::OptedIn),
        "APPLICATION_DEAUTHORIZED" => Some(SubscriptionAction::OptedOut),
        _ => None,
    };
    let mut told = if let Some(action) = action {
        let source = match event.data.0.integration_type.0.and_then(Number::whole) {
            Some(0) => Some("guild".to_owned()),
            Some(1) => Some("user".to_owned()),
            _ => None,
        };
        let change = SubscriptionChange { action: action.into(), source, ..SubscriptionChange::default() };
        Event::new(account, "", body, Payload::SubscriptionChange(change)).direction(Direction::Inbound)
    } else {
        let documented = UNTYPED.iter().any(|begin| kind.starts_with(begin));
        let reason = if documented { "not_typed" } else { "unknown_event" };
        Event::unsupported(account, body, name(kind), reason, None)
    };
    // It has no id of its own: when it happened, and what it says.
    let text = event.timestamp.0.get();
    told.envelope.dedupe_key =
        format!("{}:{}:{}", name(kind).unwrap_or("event"), text.unwrap_or_default(), digest_key(body));
    let user = event.data.0.user.0.as_ref();
    let id = user.and_then(|user| user.id.0.get()).or_else(|| event.data.0.user_id.0.get());
    if let Some(id) = id {
        told = told.identity(USER, id, None);
        if action.is_some() {
            told = told.actor(ActorRole::Contact, Some(id));
        }
        named(&mut told, user);
    }
    let at = text.and_then(from_rfc3339);
    let broken = text.is_some() && at.is_none();
    told.occurred_at(at).degraded(broken.then_some(OUT_OF_RANGE)).degraded(degraded)
}
