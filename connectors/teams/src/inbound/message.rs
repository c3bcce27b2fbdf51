//! Messages: words, who is named in them, files.

use std::collections::HashMap;

use connector_sdk::{
    Event, Malformed,
    address::is_web,
    json::{self, Raw},
};
use kenh_proto::v1::{
    Entity, Media, MediaKind, MediaState, Mention, Message, MessageEdited, Part, Quote, Text, TextFormat, UnknownPart,
    envelope::Payload, part::Content,
};

use super::item::Item;
use crate::wire::{self, Attachment, Download};

/// Attachments and names of one message at most.
const MOST: usize = 50;
const HTML: &str = "text/html";
/// A file that somebody put into a chat; its content has an address that wants no token, for some minutes.
const DOWNLOAD: &str = "application/vnd.microsoft.teams.file.download.info";

/// `message`
pub(super) fn written(item: &Item<'_>) -> Result<Event, Malformed> {
    let activity = item.activity;
    let id = activity.id.0.required("id")?;
    let Said { text, mentions, parts } = said(item)?;
    if text.is_none() && parts.is_empty() {
        return Err(Malformed { reason: "no_content", detail: "neither text nor attachments".into() });
    }
    let quoted = activity.reply_to_id.0.get().filter(|answered| *answered != id);
    let quoted = quoted.map(|answered| Quote { provider_message_id: answered.into(), ..Quote::default() });
    let message = Message { text, parts, mentions, quoted, values: values(item), ..Message::default() };
    Ok(item.once(Payload::Message(message)).message_id(id))
}

/// `messageUpdate`
pub(super) fn changed(item: &Item<'_>) -> Result<Event, Malformed> {
    let Said { text, parts, .. } = said(item)?;
    let payload = Payload::MessageEdited(MessageEdited { text, parts, revision: None });
    Ok(item.again(payload).target(item.itself()?))
}

/// What else tells the place.
fn values(item: &Item<'_>) -> HashMap<String, String> {
    let data = &item.activity.channel_data.0;
    let named = [
        ("tenant_id", item.tenant()),
        ("team_id", data.team.0.id.0.get()),
        ("team_name", data.team.0.name.0.get()),
        ("channel_id", data.channel.0.id.0.get()),
    ];
    named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))).collect()
}

/// What a message says.
struct Said {
    text: Option<Text>,
    mentions: Vec<Mention>,
    parts: Vec<Part>,
}

fn said(item: &Item<'_>) -> Result<Said, Malformed> {
    let activity = item.activity;
    let attachments: Vec<_> = activity.attachments.0.iter().take(MOST).filter_map(attachment).collect();
    let words = item.text()?.map(|body| {
        let format = match activity.text_format.0.get() {
            Some("plain") => TextFormat::Plain,
            Some("markdown") => TextFormat::Markdown,
            Some("xml") => TextFormat::Html,
            Some(_) | None => TextFormat::Unspecified,
        };
        Text { body, format: format.into(), ..Text::default() }
    });
    // The same words again in HTML, or the only ones.
    let html = attachments.iter().find(|attachment| attachment.content_type.0.get() == Some(HTML));
    let html = html.and_then(|attachment| json::parse::<String>(attachment.content.as_ref()?.get().as_bytes()).ok());
    let html = html.map(|html| Text { body: html.value, format: TextFormat::Html.into(), ..Text::default() });
    let mut text = words.or(html);
    let named: Vec<_> = activity.entities.0.iter().take(MOST).filter_map(mention).collect();
    if let Some(text) = &mut text {
        text.entities = named.iter().filter_map(|named| range(&text.body, named)).collect();
    }
    let is_bot = |id: &str| Some(id) == item.bot();
    let mentions = named.iter().map(|named| {
        let external_id = named.mentioned.0.id.0.get().map(ToOwned::to_owned);
        Mention { is_account: external_id.as_deref().is_some_and(is_bot), external_id, everyone: false }
    });
    let mentions = mentions.collect();
    Ok(Said { text, mentions, parts: attachments.iter().filter_map(part).collect() })
}

fn attachment(raw: &Raw) -> Option<Attachment> {
    json::object::<Attachment>(raw.get().as_bytes()).ok().map(|parsed| parsed.value)
}

fn mention(raw: &Raw) -> Option<wire::Entity> {
    let entity = json::object::<wire::Entity>(raw.get().as_bytes()).ok()?.value;
    (entity.kind.0.get() == Some("mention")).then_some(entity)
}

/// Where a name stands; of several the first, as the activity says no more.
fn range(body: &str, named: &wire::Entity) -> Option<Entity> {
    let words = named.text.0.get()?;
    let (before, _) = body.split_once(words)?;
    Some(Entity {
        r#type: "mention".into(),
        offset: u32::try_from(before.chars().count()).ok()?,
        length: u32::try_from(words.chars().count()).ok()?,
        value: named.mentioned.0.id.0.get().map(Into::into),
    })
}

fn part(attachment: &Attachment) -> Option<Part> {
    let kind = attachment.content_type.0.get().unwrap_or_default();
    let content = match kind {
        HTML => return None,
        DOWNLOAD => {
            let content = attachment.content.as_ref();
            let content = content.and_then(|raw| json::object::<Download>(raw.get().as_bytes()).ok());
            let Download { download_url, unique_id } = content.map(|parsed| parsed.value).unwrap_or_default();
            media(MediaKind::File, None, download_url.0.get(), unique_id.0.into_option(), attachment)
        }
        _ if attachment.content_url.0.get().is_some() => {
            media(sort(kind), Some(kind), attachment.content_url.0.get(), None, attachment)
        }
        // A card, which has no file.
        _ => Content::Unknown(UnknownPart {
            provider_type: kind.into(),
            title: attachment.name.0.get().map(Into::into),
            url: None,
        }),
    };
    Some(Part { content: Some(content) })
}

/// A file at an address, which may want the bot's token: it is fetched by whoever has that.
fn media(kind: MediaKind, mime: Option<&str>, url: Option<&str>, id: Option<String>, from: &Attachment) -> Content {
    let url = url.filter(|url| is_web(url));
    let state = if url.is_some() { MediaState::Remote } else { MediaState::Unavailable };
    Content::Media(Media {
        kind: kind.into(),
        url: url.map(Into::into),
        provider_ref: id,
        mime_type: mime.filter(|mime| mime.contains('/') && !mime.ends_with("/*")).map(Into::into),
        name: from.name.0.get().map(Into::into),
        thumbnail_url: from.thumbnail_url.0.get().filter(|url| is_web(url)).map(Into::into),
        state: state.into(),
        ..Media::default()
    })
}

fn sort(mime: &str) -> MediaKind {
    match mime.split_once('/') {
        Some(("image", "gif")) => MediaKind::Gif,
        Some(("image", _)) => MediaKind::Image,
        Some(("video", _)) => MediaKind::Video,
        Some(("audio", _)) => MediaKind::Audio,
        Some(_) | None => MediaKind::File,
    }
}
