//! Where a message goes: a channel, or the chat with a person, which may have to be opened first.

use connector_sdk::outbound::{Effect, Failure, Refusal, Retry, To};
use kenh_proto::v1::SendReason;
use serde_json::{Value, json};

use super::call::{Caller, Request, Stop};
use crate::inbound::USER;

/// A place in Slack's terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place<'a> {
    /// A channel, group or chat.
    Channel(&'a str),
    /// A person, the chat with whom is not known.
    Person(&'a str),
}

impl<'a> Place<'a> {
    /// Reads an address.
    pub(super) fn of(to: &'a To, conversation: Option<&'a str>) -> Result<Self, Refusal> {
        let unknown = |advice: &str| Refusal::new(SendReason::RecipientUnknown, advice);
        match to {
            To::Group(id) if !id.is_empty() => Ok(Self::Channel(id)),
            To::Contact { scheme, value } if scheme == USER && !value.is_empty() => {
                // What a person wrote elsewhere than in a chat of their own is answered there by naming the conversation.
                let chat = conversation.filter(|id| id.starts_with('D'));
                Ok(chat.map_or(Self::Person(value), Self::Channel))
            }
            To::Contact { .. } => Err(unknown("Slack takes contacts by slack_user_id")),
            To::Group(_) | To::Account => Err(unknown("name a contact, a channel as group, or the conversation")),
            To::Comment(_) | To::Post(_) => Err(Refusal::unsupported("Slack has no comments to answer")),
        }
    }

    /// The channel's id. Opening a chat that is open changes nothing.
    pub(super) fn channel(self, caller: &mut Caller<'_>) -> Result<String, Stop> {
        let person = match self {
            Self::Channel(id) => return Ok(id.to_owned()),
            Self::Person(id) => id,
        };
        let request =
            Request { method: "conversations.open", body: json!({"users": person}), effect: Effect::Repeatable };
        let answer = caller.call(&request)?;
        let id = answer.pointer("/channel/id").and_then(Value::as_str);
        let missing = || Failure::passing(SendReason::ChannelUnavailable, None, Retry::Soon);
        id.map(ToOwned::to_owned).ok_or_else(|| Stop::Ended(missing(), None))
    }
}
