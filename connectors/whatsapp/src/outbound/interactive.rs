//! Interactive messages: a text with something to tap.
//! See <https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages#interactive-object>.

use std::collections::BTreeMap;

use kenh_proto::v1::{Button, Card, ListPart};
use serde_json::{Map, Value, json};

use super::{
    capabilities::{FLOW_ID, FLOW_SCREEN, FOOTER, LIST_BUTTON, MOST_BUTTONS},
    card::{self, Form, Words, id, row_id},
    media,
};

/// The short answer with which a person sends where they are, as `Button.type`: Meta's name of the action.
pub(super) const SEND_LOCATION: &str = "send_location";
/// What the button that opens a list says where nobody said what.
const MENU: &str = "Menu";

type Options = BTreeMap<String, String>;

/// Short answers below a text: buttons, or rows where they are more. `header` is a file above the text.
pub(super) fn choices(body: &str, header: Option<Value>, choices: &[Button], options: &Options) -> Value {
    if let [only] = choices
        && only.r#type.as_deref() == Some(SEND_LOCATION)
    {
        return object("location_request_message", None, body, json!({"name": SEND_LOCATION}), options);
    }
    if choices.len() <= card::most(MOST_BUTTONS) {
        return object("button", header, body, buttons(choices), options);
    }
    let rows: Vec<_> = choices.iter().map(|choice| json!({"id": id(choice), "title": choice.title})).collect();
    object("list", None, body, sections(&rows, options), options)
}

/// A card; nothing where it has no form of its own.
pub(super) fn card(card: &Card, options: &Options) -> Option<Value> {
    let Words { header, body } = card::words(card)?;
    let header = match &card.image_url {
        Some(image) => Some(json!({"type": "image", "image": media::named(image)})),
        None => header.map(|text| text_header(&text)),
    };
    let (kind, action) = match (card::form(card)?, card.buttons.first()?) {
        (Form::Buttons, _) => ("button", buttons(&card.buttons)),
        (Form::Address, button) => {
            let parameters = json!({"display_text": button.title, "url": button.url});
            ("cta_url", json!({"name": "cta_url", "parameters": parameters}))
        }
        (Form::Flow, button) => ("flow", flow(button, options)),
    };
    Some(object(kind, header, &body, action, options))
}

/// A list, below its own title or a text. Nothing without either.
pub(super) fn list(list: &ListPart, text: Option<&str>, options: &Options) -> Option<Value> {
    let title = list.title.as_deref().filter(|title| !title.trim().is_empty());
    let (header, body) = match text {
        Some(text) => (title.map(text_header), text),
        None => (None, title?),
    };
    let row = |row: &Card| {
        let mut shown = json!({"id": row_id(row), "title": row.title});
        if let (Some(shown), Some(line)) = (shown.as_object_mut(), &row.subtitle) {
            shown.insert("description".into(), json!(line));
        }
        shown
    };
    let rows: Vec<_> = list.rows.iter().map(row).collect();
    Some(object("list", header, body, sections(&rows, options), options))
}

/// See <https://developers.facebook.com/docs/whatsapp/flows/guides/sendingaflow>.
fn flow(button: &Button, options: &Options) -> Value {
    let mut parameters = Map::new();
    parameters.insert("flow_message_version".into(), json!("3"));
    parameters.insert("flow_id".into(), json!(options.get(FLOW_ID)));
    parameters.insert("flow_cta".into(), json!(button.title));
    parameters.extend(button.payload.as_ref().map(|token| ("flow_token".to_owned(), json!(token))));
    if let Some(screen) = options.get(FLOW_SCREEN) {
        parameters.insert("flow_action".into(), json!("navigate"));
        parameters.insert("flow_action_payload".into(), json!({"screen": screen}));
    }
    json!({"name": "flow", "parameters": parameters})
}

fn buttons(list: &[Button]) -> Value {
    let reply = |button: &Button| json!({"type": "reply", "reply": {"id": id(button), "title": button.title}});
    json!({"buttons": list.iter().map(reply).collect::<Vec<_>>()})
}

fn sections(rows: &[Value], options: &Options) -> Value {
    let opens = options.get(LIST_BUTTON).map_or(MENU, String::as_str);
    json!({"button": opens, "sections": [{"rows": rows}]})
}

fn text_header(text: &str) -> Value {
    json!({"type": "text", "text": text})
}

fn object(kind: &str, header: Option<Value>, body: &str, action: Value, options: &Options) -> Value {
    let mut object = Map::new();
    object.insert("type".into(), json!(kind));
    object.extend(header.map(|header| ("header".to_owned(), header)));
    object.insert("body".into(), json!({"text": body}));
    if kind != "location_request_message" {
        object.extend(options.get(FOOTER).map(|text| ("footer".to_owned(), json!({"text": text}))));
    }
    object.insert("action".into(), action);
    Value::Object(object)
}
