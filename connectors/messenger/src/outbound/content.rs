//! What a piece says, as the Send API takes it.

use connector_meta::send::{
    attachment, button,
    template::{self, Form},
};
use connector_sdk::outbound::Body;
use kenh_proto::v1::{Media, Message, part::Content};
use serde_json::{Map, Value, json};

use super::utility;

/// What has to be uploaded before a piece can be sent.
pub(super) fn upload(message: &Message) -> Option<Body> {
    message.parts.iter().find_map(|part| {
        if let Some(Content::Media(media)) = &part.content
            && let Media { url: None, provider_ref: None, content: Some(bytes), .. } = media
        {
            Some(attachment::upload(media, bytes))
        } else if let Some(Content::Card(card)) = &part.content
            && template::form(card) == Some(Form::Media)
        {
            Some(attachment::upload_url("image", card.image_url.as_deref()?))
        } else {
            None
        }
    })
}

/// The `message` of a call; `uploaded` is the id of what had to be uploaded, `kept` asks for an id of a file sent by
/// its address. Nothing where the piece says nothing, or something that planning leaves nowhere.
pub(super) fn body(message: &Message, uploaded: Option<&str>, kept: bool) -> Option<Map<String, Value>> {
    let mut body = Map::new();
    if let Some(text) = message.text.as_ref().filter(|text| !text.body.is_empty()) {
        body.insert("text".into(), json!(text.body));
    }
    for part in &message.parts {
        let (name, value) = element(part.content.as_ref()?, uploaded, kept)?;
        body.insert(name.into(), value);
    }
    (!body.is_empty()).then_some(body)
}

fn element(content: &Content, uploaded: Option<&str>, kept: bool) -> Option<(&'static str, Value)> {
    Some(match content {
        Content::Template(template) => ("template", utility::body(template)),
        Content::Choices(choices) => ("quick_replies", choices.choices.iter().map(button::quick_reply).collect()),
        Content::Media(media) => ("attachment", file(media, uploaded, kept)?),
        Content::Carousel(carousel) => ("attachment", template::generic(&carousel.cards)),
        Content::Card(card) => (
            "attachment",
            match template::form(card)? {
                Form::Buttons => template::buttons(card.title.as_deref()?, &card.buttons),
                Form::Generic => template::generic(std::slice::from_ref(card)),
                Form::Media => template::media("image", uploaded?, &card.buttons),
            },
        ),
        Content::Location(_)
        | Content::ContactCard(_)
        | Content::List(_)
        | Content::Order(_)
        | Content::Poll(_)
        | Content::Link(_)
        | Content::Sticker(_)
        | Content::Story(_)
        | Content::Product(_)
        | Content::Appointment(_)
        | Content::Unknown(_) => return None,
    })
}

fn file(media: &Media, uploaded: Option<&str>, kept: bool) -> Option<Value> {
    let kind = attachment::kind(media.kind());
    Some(match (media.provider_ref.as_deref().or(uploaded), &media.url) {
        (Some(id), _) => attachment::by_id(kind, id),
        (None, Some(url)) => attachment::by_url(kind, url, kept),
        (None, None) => return None,
    })
}
