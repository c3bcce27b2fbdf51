//! What a piece says: a text, and blocks where it is more than that.

use kenh_proto::v1::{Button, Media, MediaKind, Message, Part, Text, part::Content};
use serde_json::{Map, Value, json};

use super::{
    block, card,
    markup::{self, escaped},
};

/// A file that has to be uploaded: all but pictures that Slack can fetch or has.
pub(super) fn upload(message: &Message) -> Option<&Media> {
    message.parts.iter().find_map(|part| match &part.content {
        Some(Content::Media(media)) if !is_shown(media) => Some(media),
        _ => None,
    })
}

/// Whether a file is a picture that Slack can show from where it is.
pub(super) fn is_shown(media: &Media) -> bool {
    let picture = matches!(media.kind(), MediaKind::Image | MediaKind::Gif);
    let at = media.content.is_none() && media.url.as_deref().is_some_and(block::is_address);
    picture && (media.provider_ref.is_some() || at)
}

/// `text`, `mrkdwn` and `blocks`; nothing for what planning leaves nowhere.
pub(super) fn members(message: &Message) -> Option<Map<String, Value>> {
    let mut blocks = Vec::new();
    let mut summary = Vec::new();
    for (index, part) in message.parts.iter().enumerate() {
        blocks.extend(shown(part, index, &mut summary)?);
    }
    let mut members = Map::new();
    if let Some(text) = &message.text {
        members.insert("text".into(), json!(markup::written(text)));
        members.insert("mrkdwn".into(), json!(markup::is_marked(text)));
        if !blocks.is_empty() {
            blocks.splice(0..0, block::sections(text));
        }
    } else if blocks.is_empty() {
        return None;
    } else {
        // What notifications say.
        summary.retain(|words| !words.is_empty());
        members.extend((!summary.is_empty()).then(|| ("text".to_owned(), json!(summary.join(", ")))));
    }
    if !blocks.is_empty() {
        members.insert("blocks".into(), json!(blocks));
    }
    Some(members)
}

fn shown(part: &Part, index: usize, summary: &mut Vec<String>) -> Option<Vec<Value>> {
    Some(match part.content.as_ref()? {
        Content::Media(media) if is_shown(media) => {
            let mut blocks = vec![block::image(media)?];
            if let Some(caption) = media.caption.as_ref().filter(|caption| !caption.is_empty()) {
                summary.push(escaped(caption));
                blocks.extend(block::sections(&Text { body: caption.clone(), ..Text::default() }));
            }
            blocks
        }
        Content::Card(one) => {
            summary.push(card::summary([one]));
            card::blocks(one, index)
        }
        Content::Carousel(carousel) => {
            summary.push(card::summary(&carousel.cards));
            below(&carousel.cards)
        }
        Content::List(list) => {
            summary.extend(list.title.as_deref().map(escaped));
            let title = list.title.clone().filter(|title| !title.is_empty());
            let head = title.map(|body| block::sections(&Text { body, ..Text::default() }));
            head.into_iter().flatten().chain(below(&list.rows)).collect()
        }
        Content::Choices(choices) => vec![block::actions(&choices.choices, index)],
        Content::Media(_)
        | Content::Location(_)
        | Content::ContactCard(_)
        | Content::Template(_)
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

fn below(cards: &[kenh_proto::v1::Card]) -> Vec<Value> {
    cards.iter().enumerate().flat_map(|(index, one)| card::blocks(one, index)).collect()
}

/// Whether short answers have a form.
pub(super) fn fit(choices: &[Button]) -> bool {
    !choices.is_empty() && choices.iter().all(block::is_button)
}
