//! Messages by themselves, for tests/fuzz: no part of what this crate offers.

use kenh_log::{Entry, Record};
use lapin::message::Delivery;

use crate::message::{self, Message};

/// Reads the entry of a message.
pub fn entry(partition: u32, offset: u64, bytes: Vec<u8>) -> Option<Entry> {
    message::entry(partition, offset, Delivery::mock(1, "".into(), "".into(), false, bytes))
}

/// The routing key and the body of a record's message.
pub fn message(record: Record) -> (String, Vec<u8>) {
    let Message { key, bytes, id: _, properties: _ } = record.into();
    (key.to_string(), bytes.to_vec())
}
