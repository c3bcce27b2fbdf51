//! Whom a message is for.

use connector_sdk::outbound::{Refusal, To};
use kenh_proto::v1::SendReason;
use serde_json::{Map, Value, json};

use crate::inbound::{NUMBER, PARENT_USER_ID, USER_ID};

/// A number as it is dialled, from anywhere.
const PHONE: &str = "phone";
/// Digits of a number with its country: E.164.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;
/// Characters of an id of a person or group at most; no length is documented.
const LONGEST_ID: usize = 256;

/// The recipient as the API takes it. A number goes before an id where both are given, so only one is.
pub(super) fn of(to: &To) -> Result<Map<String, Value>, Refusal> {
    let (kind, name, id) = match to {
        To::Contact { scheme, value } => match scheme.as_str() {
            USER_ID => ("individual", "recipient", id(value)?),
            NUMBER => ("individual", "to", number(value, true)?),
            PHONE => ("individual", "to", number(value, false)?),
            PARENT_USER_ID => {
                return Err(unknown("a whatsapp_parent_user_id is no address: use the whatsapp_user_id beside it"));
            }
            _ => return Err(unknown("WhatsApp knows contacts by wa_id, phone or whatsapp_user_id")),
        },
        To::Group(group) => ("group", "to", id(group)?),
        To::Comment(_) | To::Post(_) => return Err(Refusal::unsupported("WhatsApp has no comments")),
        To::Account => return Err(unknown("name a contact or a group")),
    };
    Ok(Map::from_iter([("recipient_type".to_owned(), json!(kind)), (name.to_owned(), json!(id))]))
}

/// Digits alone. As WhatsApp wrote it, it has its country; as people dial it, only with a plus sign.
fn number(text: &str, complete: bool) -> Result<String, Refusal> {
    let (international, rest) = text.strip_prefix('+').map_or((complete, text), |rest| (true, rest));
    let plain = rest.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '-' | '.' | '(' | ')'));
    let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
    if international && plain && DIGITS.contains(&digits.len()) && !digits.starts_with('0') {
        return Ok(digits);
    }
    Err(unknown("the number needs its country: +84 90 123 45 67, or as wa_id the digits WhatsApp wrote"))
}

fn id(text: &str) -> Result<String, Refusal> {
    let sound = (1..=LONGEST_ID).contains(&text.len()) && text.chars().all(|c| c.is_ascii_graphic());
    sound.then(|| text.to_owned()).ok_or_else(|| unknown("this is no id of WhatsApp's; use the one its event has"))
}

fn unknown(advice: &str) -> Refusal {
    Refusal::new(SendReason::RecipientUnknown, advice)
}
