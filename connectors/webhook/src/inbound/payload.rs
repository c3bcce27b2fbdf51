//! What happened: the payload as the contract has it, with short forms for what is frequent.

use connector_sdk::{
    Malformed, address,
    json::{Raw, Word},
};
use kenh_proto::v1::{
    self, Direction, MediaKind, MediaState, Part, Quote, Text, TextFormat, envelope::Payload, part::Content,
};
use prost::Message as _;
use serde::Deserialize;
use serde_json::Value;

use super::item::{Item, wrong};

/// A file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Media {
    #[serde(default)]
    kind: Word,
    #[serde(default)]
    url: Word,
    #[serde(default)]
    r#ref: Word,
    #[serde(default)]
    mime_type: Word,
    #[serde(default)]
    name: Word,
    #[serde(default)]
    caption: Word,
    #[serde(default)]
    size: Option<u64>,
}

/// A kind of event.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind(&'static Row);

#[derive(Debug)]
struct Row {
    word: &'static str,
    /// Its message in the contract.
    message: &'static str,
    /// The member whose values may be written short, and what stands before them in the contract.
    short: Option<(&'static str, &'static str)>,
    direction: Direction,
    read: fn(&str) -> Option<Payload>,
}

fn read<M: prost::Message + Default>(name: &str, json: &str, arm: fn(M) -> Payload) -> Option<Payload> {
    kenh_proto::from_json::<M>(name, json).ok().map(arm)
}

macro_rules! rows {
    ($($word:literal $message:ident $direction:ident $(($member:literal $prefix:literal))?),* $(,)?) => {
        &[$(Row {
            word: $word,
            message: stringify!($message),
            short: { #[allow(unused_mut, unused_assignments, reason = "some have no short form")]
                { let mut short = None; $(short = Some(($member, $prefix));)? short } },
            direction: Direction::$direction,
            read: |json| read::<v1::$message>(stringify!($message), json, Payload::$message),
        }),*]
    };
}

/// The kinds by their words, which are those of the envelope's members.
const ROWS: &[Row] = rows![
    "message" Message Inbound,
    "message_edited" MessageEdited Inbound,
    "message_deleted" MessageDeleted Inbound,
    "reaction" Reaction Inbound ("action" "REACTION_ACTION_"),
    "receipt" Receipt System ("status" "RECEIPT_STATUS_"),
    "typing" Typing Inbound,
    "action" Action Inbound ("kind" "ACTION_KIND_"),
    "comment" Comment Inbound ("action" "COMMENT_ACTION_"),
    "subscription_change" SubscriptionChange Inbound ("action" "SUBSCRIPTION_ACTION_"),
    "conversation_event" ConversationEvent System ("action" "CONVERSATION_ACTION_"),
    "control_event" ControlEvent System ("action" "CONTROL_ACTION_"),
    "call_event" CallEvent Inbound ("action" "CALL_ACTION_"),
    "contact_update" ContactUpdate Inbound,
    "feedback" Feedback Inbound ("kind" "FEEDBACK_KIND_"),
    "account_event" AccountEvent System ("kind" "ACCOUNT_EVENT_KIND_"),
];

const MEDIA: &[(&str, MediaKind)] = &[
    ("image", MediaKind::Image),
    ("gif", MediaKind::Gif),
    ("video", MediaKind::Video),
    ("audio", MediaKind::Audio),
    ("file", MediaKind::File),
];

impl Kind {
    /// The kind of that word.
    pub(super) fn of(word: &str) -> Option<Self> {
        ROWS.iter().find(|row| row.word == word).map(Self)
    }

    /// Who acts in it, where the program says nothing else.
    pub(super) fn direction(self) -> Direction {
        self.0.direction
    }

    /// Whether it means nothing without somebody or a place.
    pub(super) fn needs_conversation(self) -> bool {
        self.0.word != "account_event"
    }
}

/// The payload of an event.
pub(super) fn payload(kind: Kind, item: &Item) -> Result<Payload, Malformed> {
    let written = match &item.payload {
        Some(raw) => unfolded(raw, kind.0.short)?,
        None => "{}".into(),
    };
    let name = kind.0.message;
    let mut payload =
        (kind.0.read)(&written).ok_or_else(|| wrong(format!("payload: expected a {name} as proto3 JSON has it")))?;
    let text = text(item)?;
    let parts = parts(item.media.as_deref().unwrap_or_default())?;
    let quoted = item.reply_to.get().map(|id| Quote { provider_message_id: id.into(), ..Quote::default() });
    let is_said = text.is_some() || !parts.is_empty();
    match &mut payload {
        Payload::Message(message) => {
            message.text = text.or(message.text.take());
            message.parts.extend(parts);
            message.quoted = quoted.or(message.quoted.take());
        }
        Payload::MessageEdited(edited) => {
            edited.text = text.or(edited.text.take());
            edited.parts.extend(parts);
        }
        Payload::Comment(comment) => {
            comment.text = text.or(comment.text.take());
            comment.parts.extend(parts);
        }
        Payload::MessageDeleted(_)
        | Payload::Reaction(_)
        | Payload::Receipt(_)
        | Payload::Typing(_)
        | Payload::Action(_)
        | Payload::SubscriptionChange(_)
        | Payload::ConversationEvent(_)
        | Payload::ControlEvent(_)
        | Payload::CallEvent(_)
        | Payload::ContactUpdate(_)
        | Payload::Feedback(_)
        | Payload::AccountEvent(_)
        | Payload::Unsupported(_)
        | Payload::MessageStatus(_) => {
            if is_said {
                return Err(wrong("text: only of a message, message_edited or comment"));
            }
        }
    }
    let is_quotable = matches!(payload, Payload::Message(_));
    if item.reply_to.get().is_some() && !is_quotable {
        return Err(wrong("reply_to: only of a message"));
    }
    if matches!(&payload, Payload::Message(message) if message.encoded_len() == 0) {
        return Err(wrong("text: missing, and there are no media and no payload either"));
    }
    Ok(payload)
}

/// The payload with its short word written out: `"status": "read"` as `RECEIPT_STATUS_READ`.
fn unfolded(raw: &Raw, short: Option<(&str, &str)>) -> Result<String, Malformed> {
    let mut payload: Value = serde_json::from_str(raw.get()).map_err(|_| wrong("payload: expected an object"))?;
    if let (Some((member, prefix)), Some(members)) = (short, payload.as_object_mut())
        && let Some(Value::String(word)) = members.get_mut(member)
        && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    {
        *word = format!("{prefix}{}", word.to_ascii_uppercase());
    }
    Ok(payload.to_string())
}

fn text(item: &Item) -> Result<Option<Text>, Malformed> {
    let format = match item.format.get() {
        None => TextFormat::Unspecified,
        Some("plain") => TextFormat::Plain,
        Some("markdown") => TextFormat::Markdown,
        Some("html") => TextFormat::Html,
        Some(_) => return Err(wrong("format: expected plain, markdown or html")),
    };
    Ok(item.text.get().map(|body| Text { body: body.into(), format: format.into(), ..Text::default() }))
}

fn parts(media: &[Media]) -> Result<Vec<Part>, Malformed> {
    let part = |media: &Media| {
        let kind = media.kind.get().unwrap_or("file");
        let kind = MEDIA.iter().find(|(word, _)| *word == kind).map(|(_, kind)| *kind);
        let kind = kind.ok_or_else(|| wrong("media.kind: expected image, gif, video, audio or file"))?;
        let url = media.url.get().filter(|url| address::is_web(url));
        if url.is_none() && media.r#ref.get().is_none() {
            return Err(wrong("media.url: expected a web address, or a ref"));
        }
        let media = v1::Media {
            kind: kind.into(),
            url: url.map(Into::into),
            provider_ref: media.r#ref.get().map(Into::into),
            mime_type: media.mime_type.get().map(Into::into),
            size: media.size,
            name: media.name.get().map(Into::into),
            caption: media.caption.get().map(Into::into),
            state: MediaState::Remote.into(),
            ..v1::Media::default()
        };
        Ok(Part { content: Some(Content::Media(media)) })
    };
    media.iter().map(part).collect()
}
