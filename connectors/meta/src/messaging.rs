//! Private messages, as Messenger and Instagram send them: what happened is told by the member that is there, looked
//! for in the order of Meta's own list.

mod attachment;
mod control;
mod feedback;
mod interaction;
mod message;
mod optin;
mod policy;
mod receipt;
mod referral;
mod subject;
mod template;

use connector_sdk::{
    Event,
    json::{self, Parsed},
};
use kenh_proto::v1::ControlAction;

use self::subject::Subject;
pub use self::{attachment::media, message::text};
use crate::{item::Item, names, wire};

/// What differs between the products.
#[derive(Debug, Clone, Copy)]
pub struct Dialect {
    /// The scheme of people's ids.
    pub scheme: &'static str,
}

/// The events of an item of `messaging` or `standby`: one, except where a survey has several questions.
pub fn events(item: &Item<'_>, dialect: Dialect) -> Vec<Event> {
    events_in(item, item.raw, dialect, "")
}

/// The same of JSON that stands in a `member` of the item.
pub fn events_in(item: &Item<'_>, json: &[u8], dialect: Dialect, member: &str) -> Vec<Event> {
    match json::object::<wire::Item>(json) {
        Ok(Parsed { value, degraded }) => {
            let subject = Subject::of(item, dialect, &value, degraded);
            happened(&subject, value, json)
        }
        Err(error) => vec![item.malformed(None, &error, member)],
    }
}

fn happened(subject: &Subject<'_>, item: wire::Item, json: &[u8]) -> Vec<Event> {
    let event = if let Some(message) = item.message {
        message::written(subject, message)
    } else if let Some(edit) = item.message_edit {
        message::edited(subject, edit)
    } else if let Some(reaction) = item.reaction {
        interaction::reaction(subject, reaction)
    } else if let Some(postback) = item.postback {
        interaction::postback(subject, postback)
    } else if let Some(read) = item.read {
        receipt::read(subject, &read)
    } else if let Some(delivery) = item.delivery {
        receipt::delivered(subject, delivery)
    } else if let Some(optin) = item.optin {
        optin::event(subject, optin)
    } else if let Some(referral) = item.referral {
        interaction::referral(subject, referral)
    } else if let Some(linking) = item.account_linking {
        interaction::account_linking(subject, linking)
    } else if let Some(survey) = item.messaging_feedback {
        return feedback::survey(subject, survey);
    } else if let Some(judgement) = item.response_feedback {
        feedback::response(subject, judgement)
    } else if let Some(control) = item.pass_thread_control {
        control::moved(subject, "pass_thread_control", ControlAction::Passed, control)
    } else if let Some(control) = item.take_thread_control {
        control::moved(subject, "take_thread_control", ControlAction::Taken, control)
    } else if let Some(control) = item.request_thread_control {
        control::moved(subject, "request_thread_control", ControlAction::Requested, control)
    } else if let Some(roles) = item.app_roles {
        control::roles(subject, roles)
    } else if let Some(policy) = item.policy.or(item.policy_hyphenated) {
        policy::event(subject, policy)
    } else {
        let kind = names::members(json, wire::COMMON);
        subject.unsupported(kind.as_deref(), "unknown_event")
    };
    vec![event]
}
