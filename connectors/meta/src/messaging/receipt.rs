//! How far the page's messages have come. Messenger never tells that one failed.

use connector_sdk::{Event, time};
use kenh_proto::v1::{ActorRole, Receipt, ReceiptStatus, Target, envelope::Payload};
use prost_types::Timestamp;

use super::subject::Subject;
use crate::{
    key::{fingerprint, moment},
    wire,
};

/// Everything up to a moment was seen; on Instagram one message.
pub(super) fn read(subject: &Subject<'_>, read: &wire::Read) -> Event {
    let watermark = read.watermark.and_then(time::Epoch::timestamp);
    if read.mid.0.is_none() && read.watermark.is_none() {
        return subject.unsupported(Some("read"), "unexpected_shape");
    }
    let mids: Vec<_> = read.mid.0.iter().cloned().collect();
    let until = read.mid.0.clone().unwrap_or_else(|| moment(watermark, subject.item.raw));
    let key = subject.key("read", &[&until]);
    let mut event = receipt(subject, key, ReceiptStatus::Read, mids, (read.watermark, watermark));
    let person = event.envelope.conversation.as_ref().map(|conversation| conversation.external_id.clone());
    event = event.actor(ActorRole::Contact, person.as_deref());
    event
}

/// Some messages, and everything up to a moment, reached a device.
pub(super) fn delivered(subject: &Subject<'_>, delivery: wire::Delivery) -> Event {
    let watermark = delivery.watermark.and_then(time::Epoch::timestamp);
    let mids: Vec<_> = delivery.mids.unwrap_or_default().into_iter().filter(|mid| !mid.is_empty()).collect();
    let until = moment(watermark, subject.item.raw);
    let key = if mids.is_empty() {
        subject.key("delivery", &[&until])
    } else {
        subject.key("delivery", &[&until, &fingerprint(mids.join(",").as_bytes())])
    };
    receipt(subject, key, ReceiptStatus::Delivered, mids, (delivery.watermark, watermark))
}

fn receipt(
    subject: &Subject<'_>,
    key: String,
    status: ReceiptStatus,
    mids: Vec<String>,
    (stated, watermark): (Option<time::Epoch>, Option<Timestamp>),
) -> Event {
    // Several messages have no nearest one.
    let target = match mids.as_slice() {
        [mid] => Some(Target { provider_message_id: Some(mid.clone()), ..Target::default() }),
        _ => None,
    };
    let receipt = Receipt { status: status.into(), provider_message_ids: mids, watermark, ..Receipt::default() };
    let mut event = subject.notice(key, Payload::Receipt(receipt));
    event.envelope.target = target;
    event.degraded((stated.is_some() && watermark.is_none()).then_some(time::OUT_OF_RANGE))
}
