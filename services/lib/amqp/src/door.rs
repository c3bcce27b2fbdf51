//! Messages by themselves, for tests/fuzz: no part of what this crate offers.

use kenh_log::{Entry, Record};
use lapin::{BasicProperties, message::Delivery};

use crate::{
    bundle,
    config::Messages,
    message::{self, Message},
};

/// Reads the entry of a message with one event.
pub fn entry(partition: u32, number: u64, bytes: Vec<u8>) -> Option<Entry> {
    let delivery = Delivery::mock(1, "".into(), "".into(), false, bytes);
    message::entries(partition, number, delivery).into_iter().next()?
}

/// Reads the entries of a message with several.
pub fn bundled(partition: u32, number: u64, bytes: Vec<u8>) -> Vec<Option<Entry>> {
    let mut delivery = Delivery::mock(1, "".into(), "".into(), false, bytes);
    delivery.properties = BasicProperties::default().with_type(bundle::TYPE.into());
    message::entries(partition, number, delivery)
}

/// The routing key and the body of the message of a record.
pub fn message(record: Record) -> (String, Vec<u8>) {
    written(vec![record], Messages::Single)
}

/// The same, made for several.
pub fn bundle(record: Record) -> (String, Vec<u8>) {
    written(vec![record], Messages::Bundled)
}

fn written(records: Vec<Record>, how: Messages) -> (String, Vec<u8>) {
    let first = Message::of(records, 3, how).into_iter().next();
    first.map(|Message { key, bytes, properties: _ }| (key.to_string(), bytes.to_vec())).unwrap_or_default()
}
