//! Whom Zalo can be asked to give something to.

use connector_sdk::outbound::{Refusal, To};
use kenh_proto::v1::SendReason;
use serde_json::{Value, json};

use super::phone::{self, NotAPhone};

/// The option that names the conversation of an anonymous visitor.
pub(super) const CONVERSATION: &str = "conversation_id";

/// A recipient in Zalo's terms.
#[derive(PartialEq, Eq)]
pub(super) enum Recipient<'a> {
    /// A user, by the id they have at the Official Account.
    User(&'a str),
    /// A visitor without such an id. Both ids are needed, and end with the conversation.
    Visitor {
        /// Of the visitor.
        id: &'a str,
        /// Of the conversation.
        conversation: &'a str,
    },
    /// A group.
    Group(&'a str),
    /// A phone number, `84…`. Templates only.
    Phone(String),
    /// The SHA-256 of one. Templates only.
    HashedPhone(String),
}

impl<'a> Recipient<'a> {
    /// Reads an address. `conversation` is the channel's id of it, where it is known.
    pub(super) fn of(to: &'a To, conversation: Option<&'a str>) -> Result<Self, Refusal> {
        match to {
            To::Contact { scheme, value } => Self::contact(scheme, value, conversation),
            To::Group(id) if !id.is_empty() => Ok(Self::Group(id)),
            To::Group(_) | To::Account => Err(unknown("name a contact or a group")),
            To::Comment(_) | To::Post(_) => Err(Refusal::unsupported("Zalo has no comments to answer")),
        }
    }

    fn contact(scheme: &str, value: &'a str, conversation: Option<&'a str>) -> Result<Self, Refusal> {
        match scheme {
            _ if value.is_empty() => Err(unknown("the contact's id is empty")),
            "zalo_uid" => Ok(Self::User(value)),
            "zalo_anonymous" => match conversation.filter(|id| !id.is_empty()) {
                Some(conversation) => Ok(Self::Visitor { id: value, conversation }),
                None => Err(unknown(
                    "an anonymous visitor is written to in their conversation: name it as the destination, or give its \
                     external id as the option conversation_id",
                )),
            },
            "phone" => phone::vietnamese(value).map(Self::Phone).map_err(|fault| match fault {
                NotAPhone::Malformed => Refusal::new(
                    SendReason::ContentInvalid,
                    "the phone number is none: write it as +84912345678, 84912345678 or 0912345678",
                ),
                NotAPhone::Foreign => unknown("Zalo's templates reach numbers of Viet Nam only (+84)"),
            }),
            "phone_sha256" => {
                let sound = value.len() == 64 && value.bytes().all(|byte| byte.is_ascii_hexdigit());
                let digest = || Refusal::new(SendReason::ContentInvalid, "expected the SHA-256 of 84… in hexadecimal");
                sound.then(|| Self::HashedPhone(value.to_ascii_lowercase())).ok_or_else(digest)
            }
            _ => Err(unknown(
                "Zalo takes contacts by zalo_uid, zalo_anonymous, phone or phone_sha256; other ids only tell who it is",
            )),
        }
    }

    /// Whether it is a phone number, in whichever form.
    pub(super) fn is_phone(&self) -> bool {
        matches!(self, Self::Phone(_) | Self::HashedPhone(_))
    }

    /// As messages name it; `Null` for phone numbers, to which only templates go.
    pub(super) fn named(&self) -> Value {
        match self {
            Self::User(id) => json!({"user_id": id}),
            Self::Visitor { id, conversation } => json!({"anonymous_id": id, "conversation_id": conversation}),
            Self::Group(id) => json!({"group_id": id}),
            Self::Phone(_) | Self::HashedPhone(_) => Value::Null,
        }
    }
}

fn unknown(advice: &str) -> Refusal {
    Refusal::new(SendReason::RecipientUnknown, advice)
}
