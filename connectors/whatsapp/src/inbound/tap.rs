//! What people tap: buttons, rows, flows, leave to call.

use std::collections::HashMap;

use connector_sdk::{
    Event,
    json::{self, Raw},
    time::Epoch,
};
use kenh_proto::v1::{Action, ActionKind, CallAction, CallEvent, envelope::Payload};

use super::subject::{Subject, target};
use crate::wire::{CallPermission, FlowAnswer, Head, Interactive, Reply};

/// A button, row or flow of a message the business sent.
pub(super) fn interactive(subject: &Subject<'_>, head: &Head, interactive: Interactive) -> Event {
    let kind = interactive.kind.into_option().unwrap_or_default();
    let (button, row, flow) = (interactive.button_reply, interactive.list_reply, interactive.nfm_reply);
    match (kind.as_str(), button, row, flow, interactive.call_permission_reply) {
        ("button_reply", Some(button), ..) => chosen(subject, head, ActionKind::Postback, button),
        ("list_reply", _, Some(row), ..) => chosen(subject, head, ActionKind::ListRow, row),
        ("nfm_reply", _, _, Some(flow), _) => filled_in(subject, head, flow),
        ("call_permission_reply", .., Some(permission)) => permitted(subject, head, &permission),
        ("", ..) => subject.withheld(&head.id, "interactive", "no_content", None),
        (other, ..) => subject.withheld(&head.id, &format!("interactive.{other}"), "unknown_event", None),
    }
}

fn chosen(subject: &Subject<'_>, head: &Head, kind: ActionKind, reply: Reply) -> Event {
    let description = reply.description.into_option();
    let action = Action {
        kind: kind.into(),
        title: reply.title.into_option(),
        payload: reply.id.into_option(),
        values: description.into_iter().map(|text| ("description".into(), text)).collect(),
    };
    acted(subject, head, action)
}

/// A button of a template.
pub(super) fn button(subject: &Subject<'_>, head: &Head, button: crate::wire::Button) -> Event {
    let action = Action {
        kind: ActionKind::TemplateButton.into(),
        title: button.text.into_option(),
        payload: button.payload.into_option(),
        values: HashMap::new(),
    };
    acted(subject, head, action)
}

/// The chat was opened for the first time, from a link or an advertisement; nothing was written yet.
pub(super) fn opened(subject: &Subject<'_>, head: &Head) -> Event {
    acted(subject, head, Action { kind: ActionKind::OpenChat.into(), ..Action::default() })
}

/// A form. Its answers are JSON in a text, which anybody may have written.
fn filled_in(subject: &Subject<'_>, head: &Head, flow: FlowAnswer) -> Event {
    let answers = flow.response_json.into_option();
    let members = answers.as_deref().and_then(members);
    let degraded = (answers.is_some() && members.is_none()).then_some("form_format");
    let mut values = members.unwrap_or_default();
    if let (Some(_), Some(answers)) = (degraded, answers) {
        values.insert("response_json".into(), answers);
    }
    let action = Action {
        kind: ActionKind::Form.into(),
        title: flow.name.into_option().or(flow.body.into_option()),
        payload: values.remove("flow_token"),
        values,
    };
    acted(subject, head, action).degraded(degraded)
}

/// The members of an object: texts as they are, everything else as JSON.
fn members(json: &str) -> Option<HashMap<String, String>> {
    let members = json::object::<HashMap<String, Raw>>(json.as_bytes()).ok()?.value;
    let text = |raw: Raw| serde_json::from_str(raw.get()).unwrap_or_else(|_| raw.get().into());
    Some(members.into_iter().map(|(name, value)| (name, text(value))).collect())
}

fn acted(subject: &Subject<'_>, head: &Head, action: Action) -> Event {
    let mut event = subject.interaction(subject.key("message", &head.id), Payload::Action(action));
    event.envelope.provider_message_id = head.id.get().map(Into::into);
    match head.context.0.id.get() {
        Some(id) => event.target(target(Some(id.into()))),
        None => event,
    }
}

/// The answer to the question whether the business may call.
fn permitted(subject: &Subject<'_>, head: &Head, permission: &CallPermission) -> Event {
    let action = match permission.response.get() {
        Some("accept") => CallAction::ConsentGranted,
        Some("reject") => CallAction::ConsentDenied,
        _ => return subject.withheld(&head.id, "interactive.call_permission_reply", "unknown_event", None),
    };
    let until = permission.expiration_timestamp.and_then(Epoch::timestamp).filter(|_| !permission.is_permanent.0.0);
    let call = CallEvent { action: action.into(), consent_until: until, ..CallEvent::default() };
    let event = subject.interaction(subject.key("message", &head.id), Payload::CallEvent(call));
    event.target(target(head.context.0.id.get().map(Into::into)))
}
