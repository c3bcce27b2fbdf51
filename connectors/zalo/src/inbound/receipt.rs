//! How far a message of ours has come.

use std::collections::HashSet;

use connector_sdk::{Batch, Event, Malformed, time::Epoch};
use kenh_proto::v1::{ConversationKind, Receipt, ReceiptStatus, Target, envelope::Payload};
use serde::Deserialize;

use super::item::{Item, by_channel, is_sha256, with_phone};
use crate::{
    tracking,
    wire::{MessageBody, SeenIds, missing},
};

/// More than a screen can show; each becomes an event that carries the whole body.
const MOST_SEEN: usize = 1000;

/// `user_received_message`: of a chat message, or of a template sent to a phone number.
pub(super) fn received(item: &Item<'_>, body: MessageBody) -> Result<Batch, Malformed> {
    let message = body.message;
    let id = message.msg_id.required("message.msg_id")?.to_owned();
    let template = message.delivery_time.is_some() || message.tracking_id.get().is_some();
    let receipt = Receipt {
        status: ReceiptStatus::Delivered.into(),
        provider_message_ids: vec![id.clone()],
        // `timestamp` is when Zalo got round to telling.
        at: message.delivery_time.and_then(Epoch::timestamp),
        device: message.receiver_device.0.into_option(),
        ..Receipt::default()
    };
    let event = item.event(item.key(&[&id]), Payload::Receipt(receipt)).target(Target {
        provider_message_id: Some(id),
        client_reference: message.tracking_id.get().map(tracking::reference),
        ..Target::default()
    });
    let to = item.other()?;
    let event = if is_sha256(to) || ((template || item.zns_header) && is_phone(to)) {
        with_phone(event, to).conversation(ConversationKind::Direct, to)
    } else {
        item.with_user(event, to)?
    };
    Ok(by_channel(event).into())
}

/// A phone number has at most 15 digits, a user id more. The header that marks template events is not signed, so it
/// may not turn a user into a phone number.
fn is_phone(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    (6..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// `user_seen_message`, read apart from other messages for the shape of its ids.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct SeenBody {
    message: SeenIds,
}

/// One event for each message, so that each has an identity of its own.
pub(super) fn seen(item: &Item<'_>, body: SeenBody) -> Result<Batch, Malformed> {
    let mut told = HashSet::new();
    let ids = body.message.msg_ids.0.into_iter().chain(body.message.msg_id.0);
    let ids: Vec<_> = ids.filter(|id| told.insert(id.clone())).collect();
    if ids.is_empty() {
        return Err(missing("message.msg_ids"));
    }
    if ids.len() > MOST_SEEN {
        let detail = format!("message.msg_ids: more than {MOST_SEEN}");
        return Err(Malformed { reason: "unexpected_shape", detail });
    }
    let events = ids.into_iter().map(|id| one_seen(item, id)).collect::<Result<_, _>>()?;
    Ok(Batch { events, skipped: Vec::new() })
}

fn one_seen(item: &Item<'_>, id: String) -> Result<Event, Malformed> {
    let receipt =
        Receipt { status: ReceiptStatus::Read.into(), provider_message_ids: vec![id.clone()], ..Receipt::default() };
    let event = item.event(item.key(&[&id]), Payload::Receipt(receipt));
    let event = event.target(Target { provider_message_id: Some(id), ..Target::default() });
    Ok(by_channel(item.with_user(event, item.other()?)?))
}
