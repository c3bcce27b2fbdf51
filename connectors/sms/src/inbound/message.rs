//! Messages, and what they say of wanting more of them.

use connector_sdk::{Event, Malformed, address, digest_key, fields::Item, json::missing};
use kenh_proto::v1::{
    self, Media, MediaKind, MediaState, Part, SubscriptionAction, SubscriptionChange, Text, envelope::Payload,
    part::Content,
};

use super::{Reader, by_contact};
use crate::provider::{Files, Message};

/// Files of one message at most.
const MOST_MEDIA: usize = 10;

impl Reader<'_> {
    pub(super) fn message(self, item: &Item, rule: &Message) -> Result<Vec<Event>, Malformed> {
        let contact = self.address(item, rule.from).ok_or_else(|| missing("the sender"))?;
        let account = self.account(item, rule.to);
        let id = item.get(rule.id);
        if id.is_none() && !rule.id.is_empty() {
            return Err(missing("the message's id"));
        }
        let key = id.clone().unwrap_or_else(|| self.synthetic(item));
        let at = rule.at.and_then(|(paths, clock)| clock.read(&item.get(paths)?));
        let event = |key: String, payload| {
            by_contact(Event::new(account.as_deref(), key, &item.raw, payload), &contact).occurred_at(at)
        };
        let body = item.get(rule.text).map(|body| Text { body, ..Text::default() });
        let parts = rule.media.map(|paths| media(item, paths)).unwrap_or_default();
        let mut message =
            event(key.clone(), Payload::Message(v1::Message { text: body, parts, ..v1::Message::default() }));
        message.envelope.provider_message_id = id;
        let change = item.get(rule.opt_out).and_then(|word| {
            let action = match word.to_ascii_uppercase().as_str() {
                "STOP" => SubscriptionAction::OptedOut,
                "START" => SubscriptionAction::OptedIn,
                _ => return None,
            };
            let change =
                SubscriptionChange { action: action.into(), source: Some(word), ..SubscriptionChange::default() };
            Some(event(format!("{key}:opt"), Payload::SubscriptionChange(change)))
        });
        Ok([message].into_iter().chain(change).collect())
    }

    /// The identity of a message that has none: what it says, and about when it came. The same words again in the same
    /// stretch of time are taken for a repeat.
    fn synthetic(self, item: &Item) -> String {
        let digest = digest_key(&item.canonical());
        self.stretch.map_or_else(|| digest.clone(), |stretch| format!("{digest}:{stretch}"))
    }
}

fn media(item: &Item, Files { url, mime, .. }: Files) -> Vec<Part> {
    let at = |path: &str, number: usize| item.get_at(&path.replace('#', &number.to_string()));
    let file = |number| {
        let url = at(url, number)?;
        let mime_type = at(mime, number);
        let state = if address::is_web(&url) { MediaState::Remote } else { MediaState::Unavailable };
        Some(Media {
            kind: kind(mime_type.as_deref().unwrap_or_default()).into(),
            url: Some(url).filter(|url| address::is_web(url)),
            mime_type,
            state: state.into(),
            ..Media::default()
        })
    };
    let files = (0..MOST_MEDIA).map_while(file);
    files.map(|media| Part { content: Some(Content::Media(media)) }).collect()
}

fn kind(mime: &str) -> MediaKind {
    match mime.split_once('/') {
        Some(("image", "gif")) => MediaKind::Gif,
        Some(("image", _)) => MediaKind::Image,
        Some(("video", _)) => MediaKind::Video,
        Some(("audio", _)) => MediaKind::Audio,
        Some(_) | None => MediaKind::File,
    }
}
