//! Messages, written by either side.

use connector_sdk::{Batch, Event, Malformed};
use kenh_proto::v1::{ConversationKind, Message, Part, Product, Quote, UnknownPart, envelope::Payload, part::Content};

use super::{
    events::{Chat, Room, Side},
    item::{Item, by_contact},
    parts, text,
};
use crate::wire::{self, MessageBody};

/// `user_send_*`, `oa_send_*`, `anonymous_send_*`, `oa_send_anonymous_*`, the same in groups, `user_asking_product`.
pub(super) fn written(item: &Item<'_>, chat: Chat, suffix: &str, body: MessageBody) -> Result<Batch, Malformed> {
    let wire = body.message;
    let id = wire.msg_id.required("message.msg_id")?.to_owned();
    let conversation = wire.conversation_id.into_option();
    let mut message = Message {
        quoted: wire.quote_msg_id.0.into_option().map(|id| Quote { provider_message_id: id, ..Quote::default() }),
        product: body.product.map(product),
        ..Message::default()
    };
    if let Some(written) = wire.text.into_option() {
        let group = (chat.room == Room::Group).then(|| item.head.recipient.0.id.get()).flatten();
        let (text, mentions) = text::read(written, group, item.parties.oa);
        message.text = Some(text);
        message.mentions = mentions;
    }
    let attachments = parts::read(suffix, &wire.attachments.unwrap_or_default());
    message.parts = attachments.parts;
    let empty = message.text.is_none() && message.parts.is_empty() && message.product.is_none();
    if empty {
        // Somebody did write: better a message that says so than none.
        let unknown = UnknownPart { provider_type: suffix.into(), ..UnknownPart::default() };
        message.parts.push(Part { content: Some(Content::Unknown(unknown)) });
    }
    let event = item.event(item.key(&[&id]), Payload::Message(message)).message_id(id);
    let event = attachments.degraded.into_iter().fold(event, |event, code| event.degraded(Some(code)));
    let event = event.degraded(empty.then_some("no_content"));
    Ok(placed(item, chat, event, conversation)?.into())
}

/// Puts a message where it was written, by whom it was written.
fn placed(item: &Item<'_>, chat: Chat, event: Event, conversation: Option<String>) -> Result<Event, Malformed> {
    let event = match chat.room {
        Room::Direct => item.with_user(event, item.other()?)?,
        Room::Anonymous => {
            let visitor = item.other()?;
            // Never the user ids of a durable contact: a visitor is gone with the conversation.
            let event = event.identity("zalo_anonymous", visitor, Some(item.oa()?));
            event.conversation(ConversationKind::Direct, conversation.unwrap_or_else(|| visitor.to_owned()))
        }
        Room::Group => {
            let group = item.head.recipient.0.id.required("recipient.id")?;
            let event = event.conversation(ConversationKind::Group, group);
            match chat.side {
                Side::User => item.identified(event, item.head.sender.0.id.required("sender.id")?)?,
                Side::Oa => event,
            }
        }
    };
    Ok(match (chat.side, chat.room) {
        (Side::Oa, _) => item.by_business(event),
        // Neither groups nor anonymous visitors have a published window.
        (Side::User, Room::Group | Room::Anonymous) => by_contact(event, item.head.sender.0.id.get()),
        (Side::User, Room::Direct) => item.opens_window(by_contact(event, item.parties.other)),
    })
}

fn product(wire: wire::Product) -> Product {
    Product {
        title: wire.title.into_option(),
        subtitle: wire.description.into_option(),
        image_url: wire.thumbnail.into_url(),
        url: wire.url.into_url(),
        ..Product::default()
    }
}
