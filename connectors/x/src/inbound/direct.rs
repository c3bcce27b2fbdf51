//! Direct messages.

use connector_sdk::{
    Event, Malformed,
    json::{Number, missing},
    time::Epoch,
};
use kenh_proto::v1::{ConversationKind, Location, Message, Part, UnknownPart, envelope::Payload, part::Content};

use super::{
    item::{Item, timed},
    media, post,
};
use crate::wire::{Attachment, Direct};

/// A message, the account's own included: those come back too, also what another application sent.
pub(super) fn written(item: &Item<'_>, message: Direct) -> Result<Event, Malformed> {
    if message.kind.0.get().is_some_and(|kind| kind != "message_create") {
        return Ok(item.unsupported(item.kind, "unknown_event", None));
    }
    let id = message.id.required("id")?;
    let created = message.message_create.ok_or_else(|| missing("message_create"))?;
    let sender = created.sender_id.required("message_create.sender_id")?;
    let recipient = created.target.0.recipient_id.0.get();
    let other = if Some(sender) == item.account { recipient } else { Some(sender) };
    let data = created.message_data;
    let part = data.attachment.0.and_then(attached);
    let payload = Message {
        text: data.text.get().map(|text| post::text(text, &data.entities.0)),
        parts: part.into_iter().map(|content| Part { content: Some(content) }).collect(),
        quick_reply_payload: data.quick_reply_response.0.and_then(|reply| reply.metadata.0.into_option()),
        ..Message::default()
    };
    let event = item.event(format!("dm:{id}"), Some(sender), other, Payload::Message(payload)).message_id(id);
    let mut event = match other.filter(|id| !id.is_empty()) {
        Some(other) => event.conversation(ConversationKind::Direct, other),
        None => return Err(missing("message_create.target.recipient_id")),
    };
    if let Some(actor) = &mut event.envelope.actor {
        actor.app_id = created.source_app_id.0.into_option();
    }
    Ok(timed(event, message.created_timestamp.is_some(), message.created_timestamp.and_then(Epoch::timestamp)))
}

fn attached(attachment: Attachment) -> Option<Content> {
    match (attachment.kind.get()?, attachment.media.0) {
        ("media", Some(file)) => Some(media::file(file)),
        ("location", _) => {
            let point = attachment.location.0.shared_coordinate.0.coordinates.0.coordinates.0;
            let [longitude, latitude] = point.as_slice() else { return None };
            let (latitude, longitude) = (Number::get(*latitude), Number::get(*longitude));
            Some(Content::Location(Location { latitude, longitude, ..Location::default() }))
        }
        (other, _) => Some(Content::Unknown(UnknownPart { provider_type: other.into(), ..UnknownPart::default() })),
    }
}
