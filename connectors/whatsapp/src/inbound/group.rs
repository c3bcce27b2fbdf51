//! Who comes into a group of the business and who leaves it.

use connector_meta::key::{fingerprint, key, moment};
use connector_sdk::{
    Event,
    json::{Parsed, Soft},
};
use kenh_proto::v1::{ConversationAction, ConversationEvent, Direction, Identity, envelope::Payload};

use super::{element::Element, subject::Subject, system::identities};
use crate::wire::{GroupUpdate, Participant};

/// An item of `groups`.
pub(super) fn events(element: &Element<'_>) -> Vec<Event> {
    let Parsed { value: update, degraded } = match element.read::<GroupUpdate>() {
        Ok(update) => update,
        Err(events) => return events,
    };
    let (at, range) = element.moment(update.timestamp);
    let subject = Subject {
        element,
        person: None,
        group: update.group_id.get().map(Into::into),
        direction: Direction::System,
        at,
        degraded: degraded.into_iter().chain(range).collect(),
    };
    let scope = element.place.scope();
    let kind = update.kind.get().unwrap_or_default().to_owned();
    let (action, members): (_, Vec<_>) = match kind.as_str() {
        "group_participants_add" => (ConversationAction::MembersAdded, people(update.added_participants, scope)),
        "group_participants_remove" => (ConversationAction::MembersRemoved, people(update.removed_participants, scope)),
        "group_join_request_created" => {
            (ConversationAction::JoinRequested, identities(update.wa_id, update.user_id, scope).collect())
        }
        other => return vec![subject.unsupported(Some(other), "unknown_event")],
    };
    let group = subject.group.as_deref().unwrap_or_default();
    let key = key("group", &[group, &kind, &moment(at, element.raw), &fingerprint(element.raw)]);
    let payload = ConversationEvent { action: action.into(), members, title: None };
    vec![subject.event(key, Payload::ConversationEvent(payload))]
}

fn people(participants: Soft<Vec<Soft<Participant>>>, scope: Option<&str>) -> Vec<Identity> {
    participants.0.into_iter().flat_map(|who| identities(who.0.wa_id, who.0.user_id, scope)).collect()
}
