//! Messages made of rows and buttons, the form for the contact's details, and stickers.
//!
//! Rows and buttons are documented for the older message API. For today's, `list` stands in an official library and buttons
//! in what a reseller offers; one user reports -233 for a list with buttons.

use kenh_proto::v1::{Card, ListPart, Template, part::Content};
use serde_json::{Value, json};

use super::{buttons, consult, template};

/// The text and the attachment of what needs no upload; `None` for what has no form of its own.
pub(super) fn shown(content: &Content, text: Option<String>) -> Option<(Option<String>, Value)> {
    Some(match content {
        Content::Sticker(sticker) => {
            (text, consult::media_template(&json!({"media_type": "sticker", "attachment_id": sticker.id.as_ref()?})))
        }
        Content::Choices(choices) => {
            // Buttons alone have no template type.
            (text, json!({"type": "template", "payload": {"buttons": buttons::below(&choices.choices)}}))
        }
        Content::Card(card) => (text, list(std::slice::from_ref(&bare(card)), buttons::below(&card.buttons))),
        Content::List(rows) => {
            let below = buttons::below(rows.rows.iter().flat_map(buttons::left_over));
            (headed(rows, text), list(&rows.rows, below))
        }
        Content::Template(asked) if template::asks_for_details(asked) => (text, request(asked)),
        Content::Template(_)
        | Content::Media(_)
        | Content::Location(_)
        | Content::ContactCard(_)
        | Content::Carousel(_)
        | Content::Order(_)
        | Content::Poll(_)
        | Content::Link(_)
        | Content::Story(_)
        | Content::Product(_)
        | Content::Appointment(_)
        | Content::Unknown(_) => return None,
    })
}

/// A card's buttons go below it: in a list of one row no tap stands for them.
fn bare(card: &Card) -> Card {
    Card { buttons: Vec::new(), ..card.clone() }
}

/// A list has no headline of its own: it stands in the text.
fn headed(list: &ListPart, text: Option<String>) -> Option<String> {
    let lines: Vec<_> = [text, list.title.clone()].into_iter().flatten().filter(|line| !line.is_empty()).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn list(rows: &[Card], below: Vec<Value>) -> Value {
    let rows: Vec<_> = rows.iter().map(buttons::row).collect();
    let mut payload = json!({"template_type": "list", "elements": rows});
    if let Some(payload) = payload.as_object_mut().filter(|_| !below.is_empty()) {
        payload.insert("buttons".into(), below.into());
    }
    json!({"type": "template", "payload": payload})
}

/// The form for the contact's details; what they fill in comes as `user_submit_info`.
fn request(asked: &Template) -> Value {
    let elements: Vec<_> = asked.cards.iter().map(|card| buttons::row(&bare(card))).collect();
    json!({"type": "template", "payload": {"template_type": "request_user_info", "elements": elements}})
}
