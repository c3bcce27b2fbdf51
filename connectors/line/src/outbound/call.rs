//! Calls of the Messaging API.

use connector_sdk::outbound::{Call, Effect, TOKEN};
use serde_json::Value;
use uuid::Uuid;

/// A call with the account's token.
pub(super) fn post(api_url: &str, path: &str, body: Value, effect: Effect) -> Call {
    Call::post(format!("{api_url}{path}"), body).header("Authorization", format!("Bearer {TOKEN}")).effect(effect)
}

/// `X-Line-Retry-Key`: one for each piece, whenever it is tried, so that LINE knows a repeat for a day.
/// See <https://developers.line.biz/en/docs/messaging-api/retrying-api-request/>.
pub(super) fn retry_key(reference: &str) -> String {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, reference.as_bytes()).to_string()
}
