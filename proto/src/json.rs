//! The proto3-JSON form of messages, by the canonical mapping of the protobuf project.

use std::sync::OnceLock;

use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor};

use crate::{FILE_DESCRIPTOR_SET, v1::Envelope};

/// A message that cannot be put into JSON or read from it.
#[derive(Debug)]
pub struct JsonError(String);

impl std::fmt::Display for JsonError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for JsonError {}

fn failed(error: impl std::fmt::Display) -> JsonError {
    JsonError(error.to_string())
}

pub(crate) fn descriptor(name: &str) -> Result<MessageDescriptor, JsonError> {
    static POOL: OnceLock<Option<DescriptorPool>> = OnceLock::new();
    let pool = POOL.get_or_init(|| DescriptorPool::decode(FILE_DESCRIPTOR_SET).ok());
    let found = pool.as_ref().and_then(|pool| pool.get_message_by_name(&format!("kenh.v1.{name}")));
    found.ok_or_else(|| failed(format!("the contract has no {name}")))
}

/// Writes a message as one line of proto3 JSON. `name` is its name within the package.
pub fn to_json<M: Message>(name: &str, message: &M) -> Result<String, JsonError> {
    let message = DynamicMessage::decode(descriptor(name)?, message.encode_to_vec().as_slice()).map_err(failed)?;
    serde_json::to_string(&message).map_err(failed)
}

/// Reads a message from proto3 JSON. `name` is its name within the package.
pub fn from_json<M: Message + Default>(name: &str, json: &str) -> Result<M, JsonError> {
    let mut reader = serde_json::Deserializer::from_str(json);
    let message = DynamicMessage::deserialize(descriptor(name)?, &mut reader).map_err(failed)?;
    reader.end().map_err(failed)?;
    M::decode(message.encode_to_vec().as_slice()).map_err(failed)
}

/// Writes an envelope as one line of proto3 JSON.
pub fn envelope_to_json(envelope: &Envelope) -> Result<String, JsonError> {
    to_json("Envelope", envelope)
}

/// Reads an envelope from proto3 JSON.
pub fn envelope_from_json(json: &str) -> Result<Envelope, JsonError> {
    from_json("Envelope", json)
}
