//! Calls.

use connector_meta::key::key;
use connector_sdk::{
    Event,
    json::{self, Number, Parsed, Raw, Word},
    time::Epoch,
};
use kenh_proto::v1::{CallAction, CallEvent, Direction, envelope::Payload};

use super::{element::Element, person::Person, subject::Subject};
use crate::wire::{Call, Status};

/// An item of `calls`: somebody calls, or a call is over.
pub(super) fn event(element: &Element<'_>) -> Vec<Event> {
    let Parsed { value: call, degraded } = match element.read::<Call>() {
        Ok(call) => call,
        Err(events) => return events,
    };
    let (at, range) = element.moment(call.timestamp);
    let by_business = call.direction.get() == Some("BUSINESS_INITIATED");
    let (number, user_id) = if by_business { (&call.to, &call.to_user_id) } else { (&call.from, &call.from_user_id) };
    let subject = Subject {
        element,
        person: Person::of(element.place, number.clone(), user_id.clone(), Word::default()),
        group: None,
        direction: if by_business { Direction::Echo } else { Direction::Inbound },
        at,
        degraded: degraded.into_iter().chain(range).collect(),
    };
    vec![happened(&subject, &call, by_business)]
}

fn happened(subject: &Subject<'_>, call: &Call, by_business: bool) -> Event {
    let kind = call.event.get().unwrap_or_default();
    let state = call.status.as_ref().and_then(state_word);
    let seconds = call.duration.and_then(Number::whole);
    let was_taken = state.as_deref() == Some("COMPLETED") || seconds.is_some_and(|seconds| seconds > 0);
    let action = match kind {
        "connect" => CallAction::Ringing,
        "terminate" if was_taken => CallAction::Ended,
        "terminate" => CallAction::Missed,
        other => return subject.unsupported(Some(other), "unknown_event"),
    };
    let Some(id) = call.id.get() else { return subject.unsupported(Some(kind), "unexpected_shape") };
    let payload = CallEvent {
        action: action.into(),
        call_id: Some(id.into()),
        by_business,
        started_at: call.start_time.and_then(Epoch::timestamp),
        talk_ms: seconds.and_then(|seconds| seconds.checked_mul(1000)),
        status_code: state,
        ..CallEvent::default()
    };
    let event = subject.event(key("call", &[id, kind]), Payload::CallEvent(payload));
    // Who ended it is not said.
    if kind == "terminate" { event.direction(Direction::System) } else { event }
}

/// A word, or the first of a list.
fn state_word(raw: &Raw) -> Option<String> {
    let list = || json::parse::<Vec<Word>>(raw.get().as_bytes()).ok()?.value.into_iter().next();
    serde_json::from_str::<Word>(raw.get()).ok().or_else(list)?.into_option()
}

/// An item of `statuses` about a call the business makes.
pub(super) fn state(subject: &Subject<'_>, status: &Status) -> Event {
    let word = status.state.get().unwrap_or_default();
    let action = match word {
        "RINGING" => CallAction::Ringing,
        "ACCEPTED" => CallAction::Answered,
        "REJECTED" => CallAction::Missed,
        other => return subject.unsupported(Some(&format!("call.{other}")), "unknown_event"),
    };
    let Some(id) = status.id.get() else { return subject.unsupported(Some("call"), "unexpected_shape") };
    let payload = CallEvent {
        action: action.into(),
        call_id: Some(id.into()),
        by_business: true,
        status_code: Some(word.into()),
        ..CallEvent::default()
    };
    subject.event(key("call_status", &[id, word]), Payload::CallEvent(payload))
}
