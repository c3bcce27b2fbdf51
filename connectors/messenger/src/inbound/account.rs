//! Leads that the forms of a page bring.

use std::collections::HashMap;

use connector_meta::{item::Item, key::key, public::moment};
use connector_sdk::{Event, Malformed, json::Parsed};
use kenh_proto::v1::{AccountEvent, AccountEventKind, Direction, envelope::Payload};

use crate::wire::Lead;

/// Somebody filled in a form. What they wrote has to be fetched by the lead's id.
pub(super) fn lead(item: &Item<'_>, Parsed { value: lead, degraded }: Parsed<Lead>) -> Event {
    let Some(id) = lead.leadgen_id.into_option() else {
        let error = Malformed { reason: "unexpected_shape", detail: "expected leadgen_id".into() };
        return item.malformed(Some("leadgen"), &error, ".value");
    };
    let (at, range) = moment([lead.created_time, item.time]);
    let values = [
        ("form_id", lead.form_id.into_option()),
        ("page_id", lead.page_id.into_option()),
        ("ad_id", lead.ad_id.into_option()),
        ("adgroup_id", lead.adgroup_id.into_option()),
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
