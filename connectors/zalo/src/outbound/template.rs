//! Pre-approved templates: to a user by id, or to a phone number.

use connector_sdk::outbound::{Answer, Step};
use kenh_proto::v1::{Message, Part, Template, part::Content};
use serde_json::{Map, Value};

use super::{
    call::Caller,
    errors::Api,
    recipient::Recipient,
    reply::{self, Asked},
};
use crate::tracking;

/// `Template.type` of the form that asks for the contact's details: a consultation message, not an approved template.
const DETAILS: &str = "request_user_info";

/// Option: repeated in the receipts.
pub(super) const TRACKING_ID: &str = "tracking_id";
/// Option: beyond the day's allowance.
pub(super) const SENDING_MODE: &str = "sending_mode";
/// Option: to administrators only.
pub(super) const MODE: &str = "mode";

/// Whether it is the form, which is not approved beforehand.
pub(super) fn asks_for_details(template: &Template) -> bool {
    template.r#type.as_deref() == Some(DETAILS)
}

/// Whether it is of the older sort that Zalo shut down on 2026-03-01: transaction and promotion messages.
pub(super) fn is_gone(template: &Template) -> bool {
    template.r#type.as_deref().is_some_and(|kind| kind == "promotion" || kind.starts_with("transaction"))
}

/// The template a piece consists of.
pub(super) fn of(message: &Message) -> Option<&Template> {
    let [Part { content: Some(Content::Template(template)) }] = message.parts.as_slice() else { return None };
    (!asks_for_details(template)).then_some(template)
}

/// The next step of a template.
pub(super) fn step(caller: Caller<'_>, to: &Recipient<'_>, template: &Template, answers: &[Answer]) -> Step {
    let api = if to.is_phone() { Api::Zns } else { Api::Oa };
    // To phone numbers everything is charged.
    let asked = Asked { api, charges: !to.is_phone(), own_upload: false };
    if let Some(answer) = answers.first() {
        return Step::Done(reply::ended(asked, answer, caller.sending));
    }
    let values: Map<_, _> = template.values.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
    let mut body = Map::from_iter([
        ("template_id".to_owned(), Value::from(template.id.clone())),
        ("template_data".to_owned(), Value::from(values)),
    ]);
    let (key, value, path) = match to {
        Recipient::Phone(number) => ("phone", number.as_str(), "/message/template"),
        Recipient::HashedPhone(digest) => ("hash_phone", digest.as_str(), "/message/template/hashphone"),
        Recipient::User(id) | Recipient::Visitor { id, .. } | Recipient::Group(id) => {
            ("user_id", *id, "/v3.0/oa/message/template")
        }
    };
    body.insert(key.to_owned(), value.into());
    if !to.is_phone() {
        return Step::Call(caller.message(path, body.into()));
    }
    let options = caller.sending.options;
    let tracking_id = options.get(TRACKING_ID).cloned();
    let tracking_id = tracking_id.unwrap_or_else(|| tracking::of_reference(caller.sending.reference));
    body.insert(TRACKING_ID.into(), tracking_id.into());
    if let Some(mode) = options.get(SENDING_MODE) {
        body.insert(SENDING_MODE.into(), mode.clone().into());
    }
    let development = caller.sender.zns_development.then(|| "development".to_owned());
    if let Some(mode) = options.get(MODE).cloned().or(development) {
        body.insert(MODE.into(), mode.into());
    }
    Step::Call(caller.business(path, body.into()))
}
