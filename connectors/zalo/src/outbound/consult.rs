//! Consultation messages, and messages to groups and anonymous visitors, which look alike.

use connector_sdk::outbound::{Answer, Failure, Step};
use kenh_proto::v1::{Media, MediaKind, Message, Part, SendReason, part::Content};
use serde_json::{Map, Value, json};

use super::{
    call::Caller,
    errors::Api,
    recipient::Recipient,
    reply::{self, Asked},
    structured, upload,
};

/// What goes into `message` beside or in place of the text.
struct Shown {
    text: Option<String>,
    attachment: Option<Value>,
    own_upload: bool,
}

/// The next step of a message.
pub(super) fn step(caller: Caller<'_>, to: &Recipient<'_>, message: &Message, answers: &[Answer]) -> Step {
    let mut answers = answers.iter();
    let text = message.text.as_ref().map(|text| text.body.clone()).filter(|body| !body.is_empty());
    let shown = match message.parts.as_slice() {
        [] => Shown { text, attachment: None, own_upload: false },
        [Part { content: Some(Content::Media(media)) }] => match attached(caller, media, text, &mut answers) {
            Ok(shown) => shown,
            Err(step) => return *step,
        },
        [Part { content: Some(content) }] => match structured::shown(content, text) {
            Some((text, attachment)) => Shown { text, attachment: Some(attachment), own_upload: false },
            None => return unsupported(),
        },
        [_, ..] => return unsupported(),
    };
    let asked = Asked { api: Api::Oa, charges: matches!(to, Recipient::User(_)), own_upload: shown.own_upload };
    if let Some(answer) = answers.next() {
        return Step::Done(reply::ended(asked, answer, caller.sending));
    }
    let path = match to {
        Recipient::User(_) => "/v3.0/oa/message/cs",
        // Not all families moved to v3; this is where visitors still are.
        Recipient::Visitor { .. } => "/v2.0/oa/message",
        Recipient::Group(_) => "/v3.0/oa/group/message",
        Recipient::Phone(_) | Recipient::HashedPhone(_) => return unsupported(),
    };
    let quoted = message.quoted.as_ref().map(|quoted| quoted.provider_message_id.clone().into());
    let members =
        [("text", shown.text.map(Value::from)), ("quote_message_id", quoted), ("attachment", shown.attachment)];
    let members: Map<_, _> = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
    Step::Call(caller.message(path, json!({"recipient": to.named(), "message": members})))
}

/// The plan lets nothing else through.
fn unsupported() -> Step {
    Step::Done(Failure::permanent(SendReason::ContentUnsupported, None))
}

/// A file. A caption of its own stands where the text would.
fn attached(
    caller: Caller<'_>,
    media: &Media,
    text: Option<String>,
    answers: &mut std::slice::Iter<'_, Answer>,
) -> Result<Shown, Box<Step>> {
    let text = text.or_else(|| media.caption.clone());
    let of_image = |key: &str, value: &str| media_template(&json!({"media_type": "image", key: value}));
    let known = media.provider_ref.as_deref();
    let size = media.width.zip(media.height);
    let (attachment, own_upload) = match (media.kind(), known, &media.url) {
        (MediaKind::Image, Some(id), _) => (of_image("attachment_id", id), false),
        (MediaKind::Image, None, Some(url)) if media.content.is_none() => (of_image("url", url), false),
        (MediaKind::Image, None, _) => (of_image("attachment_id", &upload::uploaded(caller, media, answers)?.id), true),
        (MediaKind::Gif, Some(id), _) => (moving(id, size), false),
        (MediaKind::Gif, None, _) => {
            let uploaded = upload::uploaded(caller, media, answers)?;
            (moving(&uploaded.id, uploaded.size), true)
        }
        (MediaKind::File | MediaKind::Unspecified | MediaKind::Video | MediaKind::Audio, Some(token), _) => {
            (file(token), false)
        }
        (MediaKind::File | MediaKind::Unspecified | MediaKind::Video | MediaKind::Audio, None, _) => {
            (file(&upload::uploaded(caller, media, answers)?.id), true)
        }
    };
    Ok(Shown { text, attachment: Some(attachment), own_upload })
}

/// A moving picture. Zalo wants its size, as text.
fn moving(id: &str, size: Option<(u32, u32)>) -> Value {
    let (width, height) = size.unwrap_or_default();
    let (width, height) = (width.to_string(), height.to_string());
    media_template(&json!({"media_type": "gif", "attachment_id": id, "width": width, "height": height}))
}

fn file(token: &str) -> Value {
    json!({"type": "file", "payload": {"token": token}})
}

/// A file or sticker as an attachment.
pub(super) fn media_template(element: &Value) -> Value {
    json!({"type": "template", "payload": {"template_type": "media", "elements": [element]}})
}
