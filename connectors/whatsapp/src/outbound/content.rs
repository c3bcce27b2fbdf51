//! What a piece says, as the API takes it: a type, and a member of that name.

use std::collections::BTreeMap;

use connector_sdk::outbound::Body;
use kenh_proto::v1::{Location, Media, Message, part::Content};
use serde_json::{Map, Value, json};

use super::{capabilities::PREVIEW_URL, contact, interactive, media, template};

/// The file that has to be uploaded before a piece can be sent.
pub(super) fn upload(message: &Message) -> Option<Body> {
    message.parts.iter().find_map(|part| match &part.content {
        Some(Content::Media(media)) => media::upload(media),
        _ => None,
    })
}

/// The type of a piece and what it says; `uploaded` is the id of what had to be uploaded. Nothing where the piece says
/// nothing, or something that planning leaves nowhere.
pub(super) fn of(
    message: &Message,
    uploaded: Option<&str>,
    options: &BTreeMap<String, String>,
) -> Option<(&'static str, Value)> {
    let text = message.text.as_ref().map(|text| text.body.as_str()).filter(|text| !text.is_empty());
    let parts: Vec<&Content> = message.parts.iter().map(|part| part.content.as_ref()).collect::<Option<_>>()?;
    Some(match parts.as_slice() {
        [] => ("text", words(text?, options)),
        [Content::Media(file)] => {
            let mut object = media::object(file, uploaded)?;
            object.extend(text.or(file.caption.as_deref()).map(|text| ("caption".to_owned(), json!(text))));
            (media::kind(file.kind()), Value::Object(object))
        }
        [Content::Choices(choices)] => ("interactive", interactive::choices(text?, None, &choices.choices, options)),
        [Content::Media(file), Content::Choices(choices)] => {
            let header = header(file, uploaded)?;
            ("interactive", interactive::choices(text?, Some(header), &choices.choices, options))
        }
        [Content::Card(card)] => ("interactive", interactive::card(card, options)?),
        [Content::List(list)] => ("interactive", interactive::list(list, text, options)?),
        [Content::Template(template)] => ("template", template::body(template)?),
        [Content::Location(place)] => ("location", location(place)),
        [Content::ContactCard(card)] => ("contacts", json!([contact::object(card)?])),
        // Planning has put an address there too.
        [Content::Sticker(sticker)] => ("sticker", media::named(sticker.id.as_deref()?)),
        _ => return None,
    })
}

fn words(text: &str, options: &BTreeMap<String, String>) -> Value {
    let shown = options.get(PREVIEW_URL).is_none_or(|shown| shown == "true");
    let linked = text.contains("https://") || text.contains("http://");
    json!({"body": text, "preview_url": shown && linked})
}

/// A file above the text of buttons.
fn header(file: &Media, uploaded: Option<&str>) -> Option<Value> {
    let kind = media::kind(file.kind());
    let object = media::object(file, uploaded)?;
    Some(json!({"type": kind, kind: object}))
}

fn location(place: &Location) -> Value {
    let mut object = Map::new();
    object.insert("latitude".into(), json!(place.latitude));
    object.insert("longitude".into(), json!(place.longitude));
    for (name, words) in [("name", &place.name), ("address", &place.address)] {
        object.extend(words.as_ref().map(|words| (name.to_owned(), json!(words))));
    }
    Value::Object(object)
}
