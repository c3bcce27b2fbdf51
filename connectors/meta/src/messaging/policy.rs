//! What Meta forbids an account.

use connector_sdk::Event;
use kenh_proto::v1::{AccountEvent, AccountEventKind, envelope::Payload};

use super::subject::Subject;
use crate::wire;

/// Meta warned, blocked or unblocked it.
pub(super) fn event(subject: &Subject<'_>, policy: wire::Policy) -> Event {
    let action = policy.action.0.as_deref().unwrap_or_default();
    let key = subject.key("policy_enforcement", &[action, &subject.moment()]);
    let event = AccountEvent {
        kind: AccountEventKind::Policy.into(),
        current: policy.action.0,
        reason: policy.reason.0,
        ..AccountEvent::default()
    };
    subject.notice(key, Payload::AccountEvent(event))
}
