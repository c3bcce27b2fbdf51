//! Whom a message is for.

use connector_meta::send::comment::check_id;
use connector_sdk::outbound::{Refusal, To};
use kenh_proto::v1::SendReason;
use serde_json::{Value, json};

/// A person by the id the Page knows them by.
pub(super) const PSID: &str = "psid";

/// Schemes of people's ids, and Meta's word for them. Who ticked a box has a `user_ref` until they first write; who
/// wants news has a token for each topic; numbers are matched for businesses Meta lets.
const SCHEMES: &[(&str, &str)] = &[
    (PSID, "id"),
    ("user_ref", "user_ref"),
    ("phone", "phone_number"),
    ("notification_messages_token", "notification_messages_token"),
];

/// The recipient as the Send API takes it.
pub(super) fn of(to: &To) -> Result<Value, Refusal> {
    match to {
        To::Contact { scheme, value } => {
            let word = SCHEMES.iter().find(|(known, _)| known == scheme).map(|(_, word)| *word);
            let word = word.filter(|_| !value.is_empty()).ok_or_else(unknown_scheme)?;
            Ok(json!({word: value}))
        }
        To::Comment(id) => check_id(id).map(|()| json!({"comment_id": id})),
        To::Post(id) => check_id(id).map(|()| json!({"post_id": id})),
        To::Group(_) => Err(Refusal::unsupported("Messenger has no groups for Pages")),
        To::Account => Err(Refusal::new(SendReason::RecipientUnknown, "name a contact, a comment or a post")),
    }
}

/// A person by an id of the Page's, which is who typing and reactions are shown to.
pub(super) fn person(to: &To) -> Result<Value, Refusal> {
    if matches!(to, To::Contact { scheme, .. } if scheme == PSID) {
        return of(to);
    }
    Err(Refusal::new(SendReason::RecipientUnknown, "name the contact by psid"))
}

fn unknown_scheme() -> Refusal {
    let known: Vec<_> = SCHEMES.iter().map(|(scheme, _)| *scheme).collect();
    let advice = format!(
        "Messenger knows contacts by {}; the author of a comment is written to by the comment's id",
        known.join(", ")
    );
    Refusal::new(SendReason::RecipientUnknown, advice)
}
