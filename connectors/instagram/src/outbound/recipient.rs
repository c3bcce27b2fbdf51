//! Whom a message is for.

use connector_meta::send::comment::check_id;
use connector_sdk::outbound::{Refusal, To};
use kenh_proto::v1::SendReason;
use serde_json::{Value, json};

use crate::inbound::IGSID;

/// The recipient as the Send API takes it.
pub(super) fn of(to: &To) -> Result<Value, Refusal> {
    match to {
        To::Contact { .. } => person(to),
        To::Comment(id) => check_id(id).map(|()| json!({"comment_id": id})),
        To::Post(_) => Err(Refusal::unsupported("on Instagram the author of a comment can be answered, not of a post")),
        To::Group(_) => Err(Refusal::unsupported("Instagram has no groups for businesses")),
        To::Account => Err(Refusal::new(SendReason::RecipientUnknown, "name a contact or a comment")),
    }
}

/// A person by the id the account knows them by.
pub(super) fn person(to: &To) -> Result<Value, Refusal> {
    match to {
        To::Contact { scheme, value } if scheme == IGSID && !value.is_empty() => Ok(json!({"id": value})),
        To::Contact { .. } | To::Group(_) | To::Comment(_) | To::Post(_) | To::Account => {
            Err(Refusal::new(SendReason::RecipientUnknown, "Instagram knows contacts by igsid, as events have it"))
        }
    }
}
