//! Utility templates: approved texts about an order, an account or an appointment, for any time.
//! See <https://developers.facebook.com/docs/messenger-platform/send-messages/utility-messages>.

use connector_meta::send::values;
use connector_sdk::outbound::Refusal;
use kenh_proto::v1::{Button, Message, SendReason, Template, part::Content};
use serde_json::{Value, json};

/// Values of the header begin with this; all others are the body's.
const HEADER: &str = "header.";

/// The template of a message that has one.
pub(super) fn of(message: &Message) -> Option<&Template> {
    message.parts.iter().find_map(|part| match &part.content {
        Some(Content::Template(template)) => Some(template),
        _ => None,
    })
}

/// What is wrong with it.
pub(super) fn check(message: &Message, template: &Template) -> Result<(), Refusal> {
    let invalid = |advice| Err(Refusal::new(SendReason::TemplateInvalid, advice));
    let worded = message.text.as_ref().is_some_and(|text| !text.body.is_empty());
    if worded || message.parts.len() > 1 {
        return invalid("a template is sent alone: its text is fixed");
    }
    if name(template).is_none() {
        return invalid("the template needs its name, as id");
    }
    if template.locale.as_deref().is_none_or(str::is_empty) {
        return invalid("the template needs its language, as locale: en, vi, en_US");
    }
    if [parameters(template, true), parameters(template, false)].contains(&None) {
        return invalid("its values are either numbered from 1 without a gap or all named");
    }
    Ok(())
}

/// As the Send API takes it.
pub(super) fn body(template: &Template) -> Value {
    let mut components = Vec::new();
    for (kind, of_header) in [("header", true), ("body", false)] {
        if let Some(values) = parameters(template, of_header).filter(|values| !values.is_empty()) {
            components.push(json!({"type": kind, "parameters": values}));
        }
    }
    let buttons: Vec<_> = template.cards.iter().flat_map(|card| &card.buttons).map(button).collect();
    if !buttons.is_empty() {
        components.push(json!({"type": "buttons", "parameters": buttons}));
    }
    json!({"name": name(template), "language": {"code": template.locale}, "components": components})
}

fn name(template: &Template) -> Option<&str> {
    [&template.id, &template.r#type].into_iter().filter_map(|name| name.as_deref()).find(|name| !name.is_empty())
}

/// Those of the header, or of the body.
fn parameters(template: &Template, of_header: bool) -> Option<Vec<Value>> {
    values::texts(template.values.iter().filter_map(|(key, value)| match key.strip_prefix(HEADER) {
        Some(key) => of_header.then_some((key, value)),
        None => (!of_header).then_some((key.as_str(), value)),
    }))
}

/// What a button of the template carries: the end of its address, or what comes back.
fn button(button: &Button) -> Value {
    match &button.url {
        Some(url) => json!({"type": "URL", "url": url}),
        None => json!({"type": "POSTBACK", "payload": button.payload}),
    }
}
