//! Events about the Official Account itself: templates, quota, packages, permission.

use std::collections::BTreeMap;

use connector_sdk::{
    Batch,
    json::{self, Id, Raw},
};
use kenh_proto::v1::{AccountEvent, AccountEventKind as Kind, envelope::Payload};

use super::item::{Item, by_channel};

/// Where an event says what, as paths; an empty one is nowhere.
#[derive(Clone, Copy)]
pub(super) struct Row {
    pub(super) event: &'static str,
    kind: Kind,
    subject: &'static [&'static str],
    previous: &'static [&'static str],
    current: Current,
    reason: &'static [&'static str],
}

#[derive(Clone, Copy)]
enum Current {
    At(&'static [&'static str]),
    /// The event's name says it.
    Is(&'static str),
}

const fn row(event: &'static str, kind: Kind) -> Row {
    Row { event, kind, subject: &[], previous: &[], current: Current::At(&[]), reason: &[] }
}

/// All of them. Several have no public sample; whatever a row does not place goes into `values`.
pub(super) const ROWS: &[Row] = &[
    row("permission_revoked", Kind::AuthorizationRevoked),
    Row { subject: &["extension_id"], ..row("extension_purchased", Kind::Package) },
    Row {
        subject: &["template_id"],
        previous: &["status", "prev_status"],
        current: Current::At(&["status", "new_status"]),
        reason: &["reason"],
        ..row("change_template_status", Kind::TemplateStatus)
    },
    Row {
        subject: &["template_id"],
        current: Current::At(&["quality"]),
        ..row("change_template_quality", Kind::TemplateQuality)
    },
    Row {
        previous: &["quota", "prev_value"],
        current: Current::At(&["quota", "new_value"]),
        ..row("change_oa_daily_quota", Kind::Quota)
    },
    Row { subject: &["template_id"], ..row("change_template_quota", Kind::Quota) },
    row("change_oa_template_tags", Kind::Tags),
    Row { current: Current::Is("acknowledged"), ..row("event_journey_acknowledged", Kind::Journey) },
    Row { current: Current::Is("time_out"), ..row("event_journey_time_out", Kind::Journey) },
];

/// Members that the envelope has places for.
const ENVELOPE: &[&str] = &["app_id", "event_name", "oa_id", "oaId", "timestamp"];

type Members = BTreeMap<String, Raw>;

/// Any of the rows.
pub(super) fn changed(item: &Item<'_>, row: &Row, mut members: Members) -> Batch {
    members.retain(|name, _| !ENVELOPE.contains(&name.as_str()));
    let mut event = AccountEvent {
        kind: row.kind.into(),
        subject: take(&mut members, row.subject),
        previous: take(&mut members, row.previous),
        reason: take(&mut members, row.reason),
        ..AccountEvent::default()
    };
    event.current = match row.current {
        Current::At(path) => take(&mut members, path),
        Current::Is(word) => Some(word.into()),
    };
    for (name, raw) in members {
        flatten(name, &raw, &mut event.values);
    }
    by_channel(item.event(item.digest(), Payload::AccountEvent(event))).into()
}

/// Takes out the text at a path of one or two names; what holds no text stays.
fn take(members: &mut Members, path: &[&str]) -> Option<String> {
    match *path {
        [name] => {
            let text = text(members.get(name)?)?;
            members.remove(name);
            Some(text)
        }
        [outer, name] => {
            let mut inner: Members = serde_json::from_str(members.get(outer)?.get()).ok()?;
            let taken = take(&mut inner, &[name]);
            members.insert(outer.to_owned(), serde_json::value::to_raw_value(&inner).ok()?);
            taken
        }
        _ => None,
    }
}

/// Puts a member into `values`: those of an object by dotted name, a list as its JSON.
fn flatten(name: String, raw: &Raw, values: &mut std::collections::HashMap<String, String>) {
    if let Ok(inner) = serde_json::from_str::<Members>(raw.get()) {
        for (inner_name, inner) in inner {
            let value = text(&inner).or_else(|| (!is_empty(&inner)).then(|| inner.get().to_owned()));
            values.extend(value.map(|value| (format!("{name}.{inner_name}"), value)));
        }
    } else {
        let value = text(raw).or_else(|| (!is_empty(raw)).then(|| raw.get().to_owned()));
        values.extend(value.map(|value| (name, value)));
    }
}

/// A text or number that says something, to the last digit.
fn text(raw: &Raw) -> Option<String> {
    json::parse::<Id>(raw.get().as_bytes()).ok().map(|id| String::from(id.value)).filter(|text| !text.is_empty())
}

fn is_empty(raw: &Raw) -> bool {
    matches!(raw.get(), "null" | "\"\"")
}
