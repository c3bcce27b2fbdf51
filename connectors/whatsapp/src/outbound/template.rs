//! Approved templates: the only thing that may be sent at any time. Category and text are those they were approved with; a
//! call names the template and its language and fills its placeholders.
//! See <https://developers.facebook.com/docs/whatsapp/cloud-api/guides/send-message-templates>.

use connector_meta::send::values;
use connector_sdk::outbound::Refusal;
use kenh_proto::v1::{Button, Card, Message, SendReason, Template, part::Content};
use serde_json::{Value, json};

use super::media;

/// Values of the header begin with this; all others are the body's.
const HEADER: &str = "header.";
/// A header that is a file: its value is an address or the id of an upload.
const FILES: &[&str] = &["image", "video", "document"];
/// Cards of a carousel at most; one card alone is the template's own buttons.
const MOST_CARDS: usize = 10;

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
        return invalid("the template needs its language, as locale: en_US, vi");
    }
    if header(template).is_none() || body_values(template).is_none() {
        return invalid(
            "its values are either numbered from 1 without a gap or all named; a header is one file or texts",
        );
    }
    if template.cards.len() > MOST_CARDS {
        return invalid("a carousel template has at most ten cards");
    }
    Ok(())
}

/// As the API takes it.
pub(super) fn body(template: &Template) -> Option<Value> {
    let mut components = Vec::new();
    let texts = [("header", header(template)?), ("body", body_values(template)?)];
    for (kind, parameters) in texts.into_iter().filter(|(_, parameters)| !parameters.is_empty()) {
        components.push(json!({"type": kind, "parameters": parameters}));
    }
    match template.cards.as_slice() {
        [only] => components.extend(buttons(&only.buttons)),
        [] => {}
        cards => components.push(json!({"type": "carousel", "cards": carousel(cards)})),
    }
    let language = json!({"code": template.locale, "policy": "deterministic"});
    Some(json!({"name": name(template)?, "language": language, "components": components}))
}

fn name(template: &Template) -> Option<&str> {
    [&template.id, &template.r#type].into_iter().filter_map(|name| name.as_deref()).find(|name| !name.is_empty())
}

/// A file, or texts.
fn header(template: &Template) -> Option<Vec<Value>> {
    let of_header = || template.values.iter().filter_map(|(key, value)| Some((key.strip_prefix(HEADER)?, value)));
    let file = of_header().find(|(key, _)| FILES.contains(key));
    match file {
        Some((kind, value)) if of_header().count() == 1 => Some(vec![json!({"type": kind, kind: media::named(value)})]),
        Some(_) => None,
        None => values::texts(of_header()),
    }
}

fn body_values(template: &Template) -> Option<Vec<Value>> {
    let of_body = template.values.iter().filter(|(key, _)| !key.starts_with(HEADER));
    values::texts(of_body.map(|(key, value)| (key.as_str(), value)))
}

/// What buttons carry, by their place. A button without anything to carry keeps its place: it was approved with all it has.
fn buttons(buttons: &[Button]) -> Vec<Value> {
    (0usize..).zip(buttons).filter_map(|(index, button)| component(index, button)).collect()
}

fn component(index: usize, button: &Button) -> Option<Value> {
    let (kind, parameter) = match (button.r#type.as_deref(), &button.url, &button.payload) {
        (Some("copy_code"), _, Some(code)) => ("copy_code", json!({"type": "coupon_code", "coupon_code": code})),
        (Some("flow"), _, Some(token)) => ("flow", json!({"type": "action", "action": {"flow_token": token}})),
        (_, Some(end), _) => ("url", json!({"type": "text", "text": end})),
        (_, None, Some(payload)) => ("quick_reply", json!({"type": "payload", "payload": payload})),
        (_, None, None) => return None,
    };
    Some(json!({"type": "button", "sub_type": kind, "index": index.to_string(), "parameters": [parameter]}))
}

/// Cards: the picture is the header, title and second line are the values of the text, in this order.
fn carousel(cards: &[Card]) -> Vec<Value> {
    let card = |(index, card): (usize, &Card)| {
        let mut components = Vec::new();
        if let Some(image) = &card.image_url {
            let picture = json!({"type": "image", "image": media::named(image)});
            components.push(json!({"type": "header", "parameters": [picture]}));
        }
        let lines = [&card.title, &card.subtitle].into_iter().flatten();
        let texts: Vec<_> = lines.map(|line| json!({"type": "text", "text": line})).collect();
        if !texts.is_empty() {
            components.push(json!({"type": "body", "parameters": texts}));
        }
        components.extend(buttons(&card.buttons));
        json!({"card_index": index, "components": components})
    };
    cards.iter().enumerate().map(card).collect()
}
