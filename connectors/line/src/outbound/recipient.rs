//! Whom a message is for.

use connector_sdk::outbound::{Refusal, To};
use kenh_proto::v1::SendReason;

use crate::inbound::USER;

/// The id of a person, group or room.
pub(super) fn of(to: &To) -> Result<&str, Refusal> {
    let unknown = |advice: &str| Refusal::new(SendReason::RecipientUnknown, advice);
    match to {
        To::Contact { scheme, value } if scheme == USER && !value.is_empty() => Ok(value),
        To::Group(id) if !id.is_empty() => Ok(id),
        To::Contact { .. } => Err(unknown("LINE takes contacts by line_user_id")),
        To::Group(_) | To::Account => Err(unknown("name a contact, a group or the conversation")),
        To::Comment(_) | To::Post(_) => Err(Refusal::unsupported("LINE has no comments to answer")),
    }
}
