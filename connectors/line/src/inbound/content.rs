//! Messages: written, changed, taken back.

use connector_sdk::{
    Event, Malformed,
    json::{Number, missing},
    text::Utf16,
};
use kenh_proto::v1::{
    Entity, Location, Media, MediaKind, MediaState, Mention, Message, MessageDeleted, MessageEdited, Part, Quote,
    Sticker, Target, Text, UnknownPart, envelope::Payload, part,
};

use super::item::Item;
use crate::wire::{Content, Emoji, Mentionee, MessageBody, Provider, UnsendBody};

/// `message`
pub(super) fn written(item: &Item<'_>, body: MessageBody) -> Result<Event, Malformed> {
    let mut content = body.message;
    let id = content.id.required("message.id")?.to_owned();
    let quoted = std::mem::take(&mut content.quoted_message_id).0.into_option();
    let album = std::mem::take(&mut content.image_set).0.id.into_option();
    let tokens = [
        ("quote_token", std::mem::take(&mut content.quote_token)),
        ("mark_as_read_token", std::mem::take(&mut content.mark_as_read_token)),
    ];
    let (text, mentions) = text(&content);
    let message = Message {
        text,
        mentions,
        parts: part(&id, content)?.into_iter().map(|content| Part { content: Some(content) }).collect(),
        quoted: quoted.map(|id| Quote { provider_message_id: id, ..Quote::default() }),
        album,
        values: tokens.into_iter().filter_map(|(name, token)| Some((name.into(), token.0.into_option()?))).collect(),
        ..Message::default()
    };
    Ok(item.by_user(Payload::Message(message)).message_id(id))
}

/// `messageEdited`
pub(super) fn edited(item: &Item<'_>, body: &MessageBody) -> Result<Event, Malformed> {
    let id = body.message.id.required("message.id")?.to_owned();
    let edited = MessageEdited { text: text(&body.message).0, ..MessageEdited::default() };
    Ok(item.by_user(Payload::MessageEdited(edited)).target(message(id)))
}

/// `unsend`
pub(super) fn unsent(item: &Item<'_>, body: UnsendBody) -> Result<Event, Malformed> {
    let id = body.unsend.message_id.into_option().ok_or_else(|| missing("unsend.messageId"))?;
    Ok(item.by_user(Payload::MessageDeleted(MessageDeleted::default())).target(message(id)))
}

fn message(id: String) -> Target {
    Target { provider_message_id: Some(id), ..Target::default() }
}

fn text(content: &Content) -> (Option<Text>, Vec<Mention>) {
    let Some(body) = content.text.get() else { return (None, Vec::new()) };
    let (emojis, named) = (&content.emojis.0, &content.mention.0.mentionees.0);
    let mut entities = Vec::new();
    if !emojis.is_empty() || !named.is_empty() {
        let places = Utf16::of(body);
        entities.extend(emojis.iter().filter_map(|emoji| emoji_at(&places, emoji)));
        entities.extend(named.iter().filter_map(|mentionee| mention_at(&places, mentionee)));
    }
    let mention = |mentionee: &Mentionee| Mention {
        external_id: mentionee.user_id.get().map(Into::into),
        everyone: mentionee.kind.get() == Some("all"),
        is_account: mentionee.is_self.0,
    };
    (Some(Text { body: body.into(), entities, ..Text::default() }), named.iter().map(mention).collect())
}

/// LINE's own pictures; the text has their names in brackets.
fn emoji_at(places: &Utf16, emoji: &Emoji) -> Option<Entity> {
    let value = format!("{}/{}", emoji.product_id.get()?, emoji.emoji_id.get()?);
    entity(places, "emoji", (emoji.index, emoji.length), Some(value))
}

fn mention_at(places: &Utf16, mentionee: &Mentionee) -> Option<Entity> {
    let value = mentionee.user_id.get().map(Into::into);
    entity(places, "mention", (mentionee.index, mentionee.length), value)
}

fn entity(
    places: &Utf16,
    kind: &str,
    (index, length): (Option<Number>, Option<Number>),
    value: Option<String>,
) -> Option<Entity> {
    let (offset, length) = places.range(index?.whole()?, length?.whole()?)?;
    Some(Entity { r#type: kind.into(), offset, length, value })
}

/// What a message consists of besides its text.
fn part(id: &str, content: Content) -> Result<Option<part::Content>, Malformed> {
    Ok(Some(match content.kind.get().unwrap_or_default() {
        "text" => return content.text.required("message.text").map(|_| None),
        "image" => media(MediaKind::Image, id, content),
        "video" => media(MediaKind::Video, id, content),
        "audio" => media(MediaKind::Audio, id, content),
        "file" => media(MediaKind::File, id, content),
        "location" => {
            let degrees = |number: Option<Number>, path| number.map(Number::get).ok_or_else(|| missing(path));
            part::Content::Location(Location {
                latitude: degrees(content.latitude.0, "message.latitude")?,
                longitude: degrees(content.longitude.0, "message.longitude")?,
                name: content.title.into_option(),
                address: content.address.into_option(),
            })
        }
        "sticker" => part::Content::Sticker(Sticker {
            id: content.sticker_id.into_option(),
            set_id: content.package_id.into_option(),
            ..Sticker::default()
        }),
        other => part::Content::Unknown(UnknownPart { provider_type: other.into(), ..UnknownPart::default() }),
    }))
}

/// A file: at LINE, to be fetched by the message's id, or at somebody's address.
fn media(kind: MediaKind, id: &str, content: Content) -> part::Content {
    let Provider { kind: provider, original_content_url, preview_image_url } = content.content_provider.0;
    let external = provider.get() == Some("external");
    let url = original_content_url.into_url();
    let gone = external && url.is_none();
    part::Content::Media(Media {
        kind: kind.into(),
        url,
        thumbnail_url: preview_image_url.into_url(),
        provider_ref: (!external).then(|| id.to_owned()),
        duration_ms: content.duration.0.and_then(Number::whole),
        name: content.file_name.into_option(),
        size: content.file_size.0.and_then(Number::whole),
        state: if gone { MediaState::Unavailable } else { MediaState::Remote }.into(),
        ..Media::default()
    })
}
