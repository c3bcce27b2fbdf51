//! Calls that are over, and the consent to be called.

use connector_sdk::{Batch, Event, Malformed, json::Number, time::Epoch};
use kenh_proto::v1::{ActorRole, CallAction, CallEvent, ConversationKind, Direction, envelope::Payload};

use super::{
    events::Side,
    item::{Item, by_contact, with_phone},
};
use crate::wire::{CallBody, ConsentBody, Word, missing};

/// What requests for consent and answers to them mean.
const CONSENT: &[(Side, &str, CallAction)] = &[
    (Side::Oa, "SENT", CallAction::ConsentRequested),
    (Side::Oa, "EXPIRED", CallAction::ConsentExpired),
    (Side::User, "ALLOW", CallAction::ConsentGranted),
    (Side::User, "DENY", CallAction::ConsentDenied),
    (Side::User, "USER_BLOCKED", CallAction::ConsentDenied),
];

/// `user_call_oa`, `oa_call_user`.
pub(super) fn ended(item: &Item<'_>, side: Side, body: &CallBody) -> Result<Batch, Malformed> {
    let talk_ms = body.talk_time.0.and_then(Number::whole);
    let status = body.status_code.0.get();
    let taken = talk_ms.map(|talk| talk > 0).or_else(|| status.map(|code| code == "0"));
    let action = match taken {
        Some(true) => CallAction::Ended,
        Some(false) => CallAction::Missed,
        None => CallAction::Unspecified,
    };
    let call = CallEvent {
        action: action.into(),
        call_id: body.call_id.get().map(Into::into),
        video: body.call_type.0.get().is_some_and(|kind| kind.eq_ignore_ascii_case("VIDEO")),
        by_business: side == Side::Oa,
        started_at: body.init_time.and_then(Epoch::timestamp),
        duration_ms: body.call_duration.0.and_then(Number::whole),
        waiting_ms: body.waiting_time.0.and_then(Number::whole).and_then(|seconds| seconds.checked_mul(1000)),
        talk_ms,
        status_code: status.map(Into::into),
        ..CallEvent::default()
    };
    let key = body.call_id.get().map_or_else(|| item.digest(), |id| item.key(&[id]));
    let event = with_caller(item, item.event(key, Payload::CallEvent(call)), &body.phone)?;
    let event = acted(item, side, event);
    // Calling and taking a call are interactions. Known by phone number only, the contact cannot be written to.
    let interacted = side == Side::User || taken == Some(true);
    Ok(if interacted && item.head.user_id.0.get().is_some() { item.opens_window(event) } else { event }.into())
}

/// `oa_send_consent`, `user_reply_consent`.
pub(super) fn consent(item: &Item<'_>, side: Side, body: &ConsentBody) -> Result<Batch, Malformed> {
    let word = match side {
        Side::Oa => body.request_type.required("request_type")?,
        Side::User => body.user_consent.required("user_consent")?,
    };
    let known = CONSENT.iter().find(|(by, known, _)| *by == side && known.eq_ignore_ascii_case(word));
    let action = known.map_or(CallAction::Unspecified, |(_, _, action)| *action);
    let call = CallEvent {
        action: action.into(),
        by_business: true,
        status_code: Some(word.to_owned()),
        // Zero is without end, and no time at all.
        consent_until: body.expired_time.and_then(Epoch::timestamp),
        ..CallEvent::default()
    };
    let event = with_caller(item, item.event(item.digest(), Payload::CallEvent(call)), &body.phone)?;
    Ok(match action {
        CallAction::ConsentExpired => event.direction(Direction::System).actor(ActorRole::System, None),
        CallAction::Unspecified
        | CallAction::Ringing
        | CallAction::Answered
        | CallAction::Ended
        | CallAction::Missed
        | CallAction::Recorded
        | CallAction::ConsentRequested
        | CallAction::ConsentGranted
        | CallAction::Dialled
        | CallAction::HungUp
        | CallAction::ConsentDenied => acted(item, side, event),
    }
    .into())
}

/// Who called or answered. Of the business it is not said who or what.
fn acted(item: &Item<'_>, side: Side, event: Event) -> Event {
    match side {
        Side::User => by_contact(event, item.head.user_id.0.get()),
        Side::Oa => event.direction(Direction::Echo),
    }
}

/// A call belongs to the chat with the user, or without a user to the phone number.
fn with_caller(item: &Item<'_>, event: Event, phone: &Word) -> Result<Event, Malformed> {
    match (item.head.user_id.0.get(), phone.get()) {
        (Some(user), Some(phone)) => Ok(with_phone(item.with_user(event, user)?, phone)),
        (Some(user), None) => item.with_user(event, user),
        (None, Some(phone)) => Ok(with_phone(event, phone).conversation(ConversationKind::Call, phone)),
        (None, None) => Err(missing("user_id or phone")),
    }
}
