//! What concerns the page itself: what Meta forbids it, and leads that its forms bring.

use std::collections::HashMap;

use connector_sdk::{Event, Malformed, json::Parsed};
use kenh_proto::v1::{AccountEvent, AccountEventKind, Direction, envelope::Payload};

use super::{public::moment, subject::Subject};
use crate::{
    meta::{item::Item, key::key},
    wire::{self, Lead},
};

/// Meta warned, blocked or unblocked the page.
pub(super) fn policy(subject: &Subject<'_>, policy: wire::Policy) -> Event {
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

/// Somebody filled in a form. What they wrote has to be fetched by the lead's id.
pub(super) fn lead(item: &Item<'_>, Parsed { value: lead, degraded }: Parsed<Lead>) -> Event {
    let Some(id) = lead.leadgen_id.0 else {
        let error = Malformed { reason: "unexpected_shape", detail: "expected leadgen_id".into() };
        return item.malformed(Some("leadgen"), &error, ".value");
    };
    let (at, range) = moment([lead.created_time, item.time]);
    let values = [
        ("form_id", lead.form_id.0),
        ("page_id", lead.page_id.0),
        ("ad_id", lead.ad_id.0),
        ("adgroup_id", lead.adgroup_id.0),
    ];
    let key = key("leadgen", &[&id]);
    let event = AccountEvent {
        kind: AccountEventKind::Lead.into(),
        subject: Some(id),
        values: values.into_iter().filter_map(|(name, id)| Some((name.into(), id?))).collect::<HashMap<_, _>>(),
        ..AccountEvent::default()
    };
    Event::new(item.account, key, item.raw, Payload::AccountEvent(event))
        .direction(Direction::System)
        .occurred_at(at)
        .degraded(degraded)
        .degraded(range)
}
