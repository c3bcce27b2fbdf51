//! What became of messages the business sent. The order is not certain: `read` may come before `delivered`.

use std::collections::HashMap;

use connector_meta::key::key;
use connector_sdk::{Event, json::Parsed};
use kenh_proto::v1::{Direction, Receipt, ReceiptStatus, Target, envelope::Payload};

use super::{call, element::Element, person::Person, subject::Subject};
use crate::wire::Status;

/// How far. A voice message that was played was read, at least.
const STATUSES: &[(&str, ReceiptStatus)] = &[
    ("sent", ReceiptStatus::Sent),
    ("delivered", ReceiptStatus::Delivered),
    ("read", ReceiptStatus::Read),
    ("played", ReceiptStatus::Read),
    ("failed", ReceiptStatus::Failed),
];

/// An item of `statuses`.
pub(super) fn event(element: &Element<'_>) -> Vec<Event> {
    let Parsed { value: mut status, degraded } = match element.read::<Status>() {
        Ok(status) => status,
        Err(events) => return events,
    };
    let (at, range) = element.moment(status.timestamp);
    let recipient = std::mem::take(&mut status.recipient_id);
    let is_group = status.recipient_type.get() == Some("group");
    let (group, number, user_id) = if is_group {
        let participant = (status.recipient_participant_id.clone(), status.recipient_participant_user_id.clone());
        (recipient.into_option(), participant.0, participant.1)
    } else {
        (None, recipient, status.recipient_user_id.clone())
    };
    let parent = std::mem::take(&mut status.parent_recipient_user_id);
    let subject = Subject {
        element,
        person: Person::of(element.place, number, user_id, parent),
        group,
        direction: Direction::System,
        at,
        degraded: degraded.into_iter().chain(range).collect(),
    };
    if status.kind.get() == Some("call") {
        return vec![call::state(&subject, &status)];
    }
    vec![receipt(&subject, status)]
}

fn receipt(subject: &Subject<'_>, status: Status) -> Event {
    let word = status.state.get().unwrap_or_default().to_owned();
    let known = STATUSES.iter().find(|(name, _)| *name == word);
    let Some(&(_, how_far)) = known else { return subject.unsupported(Some(&word), "unknown_event") };
    let Some(id) = status.id.get().map(String::from) else {
        return subject.unsupported(Some(&word), "unexpected_shape");
    };
    // One message has a receipt of each member of a group.
    let who = subject.group.as_ref().and(subject.person.as_ref()).and_then(Person::id);
    let key = key("status", &[&[id.as_str(), &word], who.as_slice()].concat());
    let values = charges(&status);
    let reference = status.biz_opaque_callback_data.into_option();
    let fault = status.errors.0.into_iter().next().unwrap_or_default().0;
    let receipt = Receipt {
        status: how_far.into(),
        provider_message_ids: vec![id.clone()],
        error_code: fault.code.get().map(Into::into),
        error_text: fault.text(),
        values,
        ..Receipt::default()
    };
    let target = Target { provider_message_id: Some(id), client_reference: reference, ..Target::default() };
    let played = (word == "played").then_some("status_played");
    subject.event(key, Payload::Receipt(receipt)).target(target).degraded(played)
}

/// What Meta charges by, under its own names.
fn charges(status: &Status) -> HashMap<String, String> {
    let (conversation, pricing) = (&status.conversation.0, &status.pricing.0);
    let billable = pricing.billable.as_ref().map(|raw| raw.get()).filter(|raw| matches!(*raw, "true" | "false"));
    let values = [
        ("conversation.id", conversation.id.get()),
        ("conversation.origin.type", conversation.origin.0.kind.get()),
        ("conversation.expiration_timestamp", conversation.expiration_timestamp.get()),
        ("pricing.billable", billable),
        ("pricing.pricing_model", pricing.model.get()),
        ("pricing.type", pricing.kind.get()),
        ("pricing.category", pricing.category.get()),
    ];
    values.into_iter().filter_map(|(name, value)| Some((name.into(), value?.into()))).collect()
}
