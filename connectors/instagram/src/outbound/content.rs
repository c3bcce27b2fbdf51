//! What a piece says, as the Send API takes it.

use connector_meta::send::{
    attachment, button,
    template::{self, Form},
};
use kenh_proto::v1::{Card, Message, part::Content};
use serde_json::{Map, Value, json};

/// The one sticker there is, by its name in events and here.
pub(super) const LIKE_HEART: &str = "like_heart";

/// The `message` of a call. Nothing where the piece says nothing, or something that planning leaves nowhere.
pub(super) fn body(message: &Message) -> Option<Map<String, Value>> {
    let mut body = Map::new();
    if let Some(text) = message.text.as_ref().filter(|text| !text.body.is_empty()) {
        body.insert("text".into(), json!(text.body));
    }
    for part in &message.parts {
        let (name, value) = element(part.content.as_ref()?)?;
        body.insert(name.into(), value);
    }
    (!body.is_empty()).then_some(body)
}

fn element(content: &Content) -> Option<(&'static str, Value)> {
    Some(match content {
        Content::Choices(choices) => ("quick_replies", choices.choices.iter().map(button::quick_reply).collect()),
        Content::Media(media) => {
            ("attachment", attachment::by_url(attachment::kind(media.kind()), media.url.as_deref()?, false))
        }
        Content::Sticker(_) => ("attachment", json!({"type": LIKE_HEART})),
        Content::Carousel(carousel) => ("attachment", template::generic(&carousel.cards)),
        Content::Card(card) => ("attachment", self::card(card)?),
        Content::Location(_)
        | Content::ContactCard(_)
        | Content::List(_)
        | Content::Template(_)
        | Content::Order(_)
        | Content::Poll(_)
        | Content::Link(_)
        | Content::Story(_)
        | Content::Product(_)
        | Content::Appointment(_)
        | Content::Unknown(_) => return None,
    })
}

fn card(card: &Card) -> Option<Value> {
    match template::form(card)? {
        Form::Buttons => Some(template::buttons(card.title.as_deref()?, &card.buttons)),
        Form::Generic => Some(template::generic(std::slice::from_ref(card))),
        // Instagram has no template of a picture alone.
        Form::Media => None,
    }
}
