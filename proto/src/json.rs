//! The proto3-JSON form of envelopes, by the canonical mapping of the protobuf project.

use std::sync::OnceLock;

use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor};

use crate::{FILE_DESCRIPTOR_SET, v1::Envelope};

/// An envelope that cannot be put into JSON or read from it.
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

fn descriptor() -> Result<&'static MessageDescriptor, JsonError> {
    static DESCRIPTOR: OnceLock<Option<MessageDescriptor>> = OnceLock::new();
    DESCRIPTOR
        .get_or_init(|| DescriptorPool::decode(FILE_DESCRIPTOR_SET).ok()?.get_message_by_name("kenh.v1.Envelope"))
        .as_ref()
        .ok_or_else(|| failed("the descriptor set has no kenh.v1.Envelope"))
}

/// Writes an envelope as one line of proto3 JSON.
pub fn envelope_to_json(envelope: &Envelope) -> Result<String, JsonError> {
    let message = DynamicMessage::decode(descriptor()?.clone(), envelope.encode_to_vec().as_slice()).map_err(failed)?;
    serde_json::to_string(&message).map_err(failed)
}

/// Reads an envelope from proto3 JSON.
pub fn envelope_from_json(json: &str) -> Result<Envelope, JsonError> {
    let mut reader = serde_json::Deserializer::from_str(json);
    let message = DynamicMessage::deserialize(descriptor()?.clone(), &mut reader).map_err(failed)?;
    reader.end().map_err(failed)?;
    Envelope::decode(message.encode_to_vec().as_slice()).map_err(failed)
}
