//! Where something is said: a chat, and on whose behalf.

use std::collections::BTreeMap;

use connector_sdk::outbound::{Refusal, To};
use kenh_proto::v1::SendReason;

use crate::inbound::{CHAT, USER};

/// The option that names the connection to a business account.
pub(super) const BUSINESS: &str = "business_connection_id";

/// A chat in Telegram's terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chat {
    /// People have positive ids, groups and channels negative ones.
    pub(super) id: i64,
    /// The connection through which the bot writes for a business account.
    pub(super) business: Option<String>,
    /// The group has got another id than the gateway knows.
    pub(super) migrated: bool,
}

impl Chat {
    /// Reads an address. A conversation with a business account is `<connection>:<chat>`, as its events have it.
    pub(super) fn of(to: &To, conversation: Option<&str>, options: &BTreeMap<String, String>) -> Result<Self, Refusal> {
        let id = match to {
            To::Contact { scheme, value } if [USER, CHAT].contains(&scheme.as_str()) => value,
            To::Group(id) => id,
            To::Contact { .. } => {
                let advice = "Telegram takes contacts by telegram_user_id and telegram_chat_id; a user name only tells \
                              who it is";
                return Err(unknown(advice));
            }
            To::Account => {
                return Err(unknown(
                    "name the conversation, the contact or the group: ids of messages hold within one",
                ));
            }
            To::Comment(_) | To::Post(_) => return Err(Refusal::unsupported("Telegram has no comments to answer")),
        };
        let id = id.parse().map_err(|_| unknown("expected the number of a chat, such as 700001 or -1001230000001"))?;
        let of_conversation = || conversation.and_then(|id| id.split_once(':')).map(|(connection, _)| connection);
        let business = options.get(BUSINESS).map(String::as_str).or_else(of_conversation).map(Into::into);
        Ok(Self { id, business, migrated: false })
    }
}

fn unknown(advice: &str) -> Refusal {
    Refusal::new(SendReason::RecipientUnknown, advice)
}
