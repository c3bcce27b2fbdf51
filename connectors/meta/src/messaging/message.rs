//! Messages: written by a person, echoed from the page, changed, taken back.

use connector_sdk::{Event, json::Number};
use kenh_proto::v1::{
    ActorRole, Message, MessageDeleted, MessageEdited, Part, Quote, Target, Text, Unsupported, envelope::Payload,
};

use super::{attachment, referral, subject::Subject};
use crate::wire;

/// The app behind a Page's inbox: what it sends, people wrote.
const PAGE_INBOX_APP: &str = "263902037430900";

/// A message, or the news that one was taken back.
pub(super) fn written(subject: &Subject<'_>, message: wire::Message) -> Event {
    let mid = message.mid.0.clone();
    if message.is_deleted.0 {
        let key = subject.message_key("message_deleted", mid.as_deref());
        let target = Target { provider_message_id: mid, ..Target::default() };
        return subject.event(key, Payload::MessageDeleted(MessageDeleted::default())).target(target);
    }
    let (parts, degraded) = attachment::parts(&message);
    let key = subject.message_key("message", mid.as_deref());
    let mut event = subject.interaction(key, payload(&message, parts));
    for code in degraded {
        event = event.degraded(Some(code));
    }
    if subject.from_page {
        event = sent_by(event, message.app_id.into_option());
    }
    event.envelope.provider_message_id = mid;
    event.envelope.sequence = message.seq.and_then(Number::whole).and_then(|seq| i64::try_from(seq).ok());
    event.envelope.referral = message.referral.and_then(referral::of);
    let answered = message.reply_to.and_then(|reply| reply.mid.0);
    let reference = message.metadata.0;
    if answered.is_some() || reference.is_some() {
        event =
            event.target(Target { provider_message_id: answered, client_reference: reference, ..Target::default() });
    }
    event
}

/// A message without anything in it was something Meta does not pass on: the person who wrote it waits all the same.
fn payload(message: &wire::Message, parts: Vec<Part>) -> Payload {
    let product = message.referral.as_ref().and_then(referral::product);
    let empty = message.text.0.is_none() && parts.is_empty() && product.is_none();
    if message.is_unsupported.0 || empty {
        return Payload::Unsupported(Unsupported {
            provider_type: Some("message".into()),
            reason: if message.is_unsupported.0 { "unsupported_by_channel" } else { "no_content" }.into(),
            ..Unsupported::default()
        });
    }
    Payload::Message(Message {
        text: text(message.text.0.clone()),
        parts,
        quoted: message.reply_to.as_ref().and_then(|reply| {
            Some(Quote {
                provider_message_id: reply.mid.0.clone()?,
                is_self: reply.is_self_reply.map(|flag| flag.0),
                ..Quote::default()
            })
        }),
        quick_reply_payload: message.quick_reply.as_ref().and_then(|reply| reply.payload.0.clone()),
        product,
        ..Message::default()
    })
}

/// An echo names the app that sent it, unless a person did so in the page's inbox.
fn sent_by(event: Event, app_id: Option<String>) -> Event {
    let role = match app_id.as_deref() {
        None | Some(PAGE_INBOX_APP) => ActorRole::Agent,
        Some(_) => ActorRole::Bot,
    };
    let page = event.envelope.account.as_ref().and_then(|account| account.external_id.clone());
    let mut event = event.actor(role, page.as_deref());
    event.envelope.actor.get_or_insert_default().app_id = app_id;
    event
}

/// The new text of a message.
pub(super) fn edited(subject: &Subject<'_>, edit: wire::MessageEdit) -> Event {
    let revision = edit.num_edit.and_then(Number::whole).and_then(|count| u32::try_from(count).ok());
    let key = match (&edit.mid.0, revision) {
        (Some(mid), Some(revision)) => subject.message_key("message_edit", Some(&format!("{mid}:{revision}"))),
        _ => subject.message_key("message_edit", None),
    };
    let payload = MessageEdited { text: text(edit.text.0), revision, ..MessageEdited::default() };
    let target = Target { provider_message_id: edit.mid.0, ..Target::default() };
    subject.event(key, Payload::MessageEdited(payload)).target(target)
}

/// Text as people type it.
pub fn text(body: Option<String>) -> Option<Text> {
    body.map(|body| Text { body, ..Text::default() })
}
