//! Where a message goes: a channel, or the chat with a person, which may have to be opened first.

use connector_sdk::outbound::{Effect, Failure, Method, Refusal, Retry, To};
use kenh_proto::v1::SendReason;
use serde_json::{Value, json};

use super::call::{Caller, Request, Stop, is_id};
use crate::inbound::USER;

/// A place in Discord's terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place<'a> {
    /// A channel of a server, or any other.
    Channel(&'a str),
    /// A person, the chat with whom is not known.
    Person(&'a str),
}

impl<'a> Place<'a> {
    /// Reads an address.
    pub(super) fn of(to: &'a To) -> Result<Self, Refusal> {
        let unknown = |advice: &str| Refusal::new(SendReason::RecipientUnknown, advice);
        match to {
            To::Group(id) if is_id(id) => Ok(Self::Channel(id)),
            To::Contact { scheme, value } if scheme == USER && is_id(value) => Ok(Self::Person(value)),
            To::Contact { .. } | To::Group(_) => {
                Err(unknown("Discord takes contacts by discord_user_id and channels, as groups, by their number"))
            }
            To::Account => Err(unknown("name a contact, a channel as group, or the conversation")),
            To::Comment(_) | To::Post(_) => Err(Refusal::unsupported("Discord has no comments to answer")),
        }
    }

    /// The channel's id. Opening a chat that is open changes nothing.
    pub(super) fn channel(self, caller: &mut Caller<'_>) -> Result<String, Stop> {
        let person = match self {
            Self::Channel(id) => return Ok(id.to_owned()),
            Self::Person(id) => id,
        };
        let request = Request {
            method: Method::Post,
            path: "/users/@me/channels".into(),
            body: Some(json!({"recipient_id": person})),
            file: None,
            effect: Effect::Repeatable,
            again: false,
        };
        let answer = caller.call(&request)?;
        let id = answer.get("id").and_then(Value::as_str).filter(|id| is_id(id));
        let missing = || Failure::passing(SendReason::ChannelUnavailable, None, Retry::Soon);
        id.map(ToOwned::to_owned).ok_or_else(|| Stop::Ended(missing(), None))
    }
}
