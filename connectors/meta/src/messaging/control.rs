//! Who owns a thread. Control stays with nobody when the new owner is null.

use std::collections::BTreeMap;

use connector_sdk::Event;
use kenh_proto::v1::{ControlAction, ControlEvent, envelope::Payload};

use super::subject::Subject;
use crate::wire;

/// Control was passed, taken or asked for.
pub(super) fn moved(subject: &Subject<'_>, kind: &str, action: ControlAction, control: wire::ThreadControl) -> Event {
    let event = ControlEvent {
        action: action.into(),
        previous_owner: control.previous_owner_app_id.into_option(),
        new_owner: control.new_owner_app_id.into_option().or(control.requested_owner_app_id.into_option()),
        metadata: control.metadata.0,
        ..ControlEvent::default()
    };
    subject.notice(subject.key(kind, &[&subject.moment()]), Payload::ControlEvent(event))
}

/// The roles of the page's apps changed; no conversation is meant.
pub(super) fn roles(subject: &Subject<'_>, roles: BTreeMap<String, Vec<String>>) -> Event {
    let event = ControlEvent {
        action: ControlAction::RolesChanged.into(),
        roles: roles.into_iter().map(|(app, roles)| (app, roles.join(","))).collect(),
        ..ControlEvent::default()
    };
    subject.notice(subject.key("app_roles", &[&subject.moment()]), Payload::ControlEvent(event))
}
