//! The account's own affairs: templates, quality, limits, policy. And errors that concern no message.

mod policy;
mod template;

use std::collections::HashMap;

use connector_meta::{
    item::Item,
    key::{fingerprint, key, moment},
};
use connector_sdk::{
    Event, Malformed,
    json::{self, Parsed, Raw},
    time::Epoch,
};
use kenh_proto::v1::{AccountEvent, AccountEventKind, Direction, envelope::Payload};

use super::element::Element;
use crate::wire::Fault;

/// Fields that Meta documents and no event of ours says.
const UNTYPED: &[&str] = &[
    "account_settings_update",
    "automatic_events",
    "business_username_update",
    "flows",
    "group_lifecycle_update",
    "group_settings_update",
    "group_status_update",
    "message_template_components_update",
    "partner_solutions",
    "payment_configuration_update",
    "security",
    "tracking_events",
];

/// Reads the value of a field; `None` is what no event of ours says.
type Reader = fn(&str, &Raw) -> Result<Parsed<Option<AccountEvent>>, Malformed>;

/// A change of a field that concerns the account.
pub(super) fn event(item: &Item<'_>, field: &str, value: &Raw) -> Event {
    let read: Reader = match field {
        "message_template_status_update" | "message_template_quality_update" | "template_category_update" => {
            template::read
        }
        "account_alerts" => policy::alert,
        "account_update"
        | "account_review_update"
        | "business_capability_update"
        | "phone_number_name_update"
        | "phone_number_quality_update" => policy::read,
        field if UNTYPED.contains(&field) => return item.unsupported(Some(field), "not_typed", None),
        other => return item.unsupported(json::name(other), "unknown_event", None),
    };
    match read(field, value) {
        Ok(Parsed { value: Some(event), degraded }) => {
            let at = item.time.and_then(Epoch::timestamp);
            let key = key(field, &[&moment(at, item.raw), &fingerprint(item.raw)]);
            let event = Event::new(item.account, key, item.raw, Payload::AccountEvent(event));
            event.direction(Direction::System).occurred_at(at).degraded(degraded)
        }
        Ok(Parsed { value: None, .. }) => item.unsupported(Some(field), "not_typed", None),
        Err(error) => item.malformed(Some(field), &error, ".value"),
    }
}

/// An item of `errors` beside no message: Meta's own trouble, or that of the number.
pub(super) fn fault(element: &Element<'_>) -> Vec<Event> {
    let Parsed { value: fault, .. } = match element.read::<Fault>() {
        Ok(fault) => fault,
        Err(events) => return events,
    };
    let code = fault.code.get().and_then(json::name).map(|code| format!("error {code}"));
    vec![element.unsupported(None, "not_typed", code)]
}

/// An event of a kind, with what of the values there is.
fn of(kind: AccountEventKind, values: &[(&str, &json::Word)]) -> AccountEvent {
    let values = values.iter().filter_map(|(name, value)| Some(((*name).into(), value.get()?.into())));
    AccountEvent { kind: kind.into(), values: values.collect::<HashMap<_, _>>(), ..AccountEvent::default() }
}
