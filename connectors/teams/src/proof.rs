//! The token of the Bot Connector.

use std::time::SystemTime;

use connector_sdk::{
    RawRequest, Rejected, Verified, json,
    signature::{self, Said},
};
use serde_json::Value;

use crate::{settings::Settings, wire::Origin};

/// The claim with the address that an activity says it came from.
const SERVICE_URL: &str = "serviceurl";

/// Proves a call. Beside what every token has to say, its `serviceurl` is the activity's, or an activity could name an address
/// of its own to be answered at; and the key is endorsed for the activity's channel, where it is endorsed for any.
pub(crate) fn verify<'a>(settings: &Settings, request: RawRequest<'a>) -> Result<Verified<'a>, Rejected> {
    let agree = |said: &Said<'_>| {
        let origin = json::object::<Origin>(request.body).map(|parsed| parsed.value).unwrap_or_default();
        let channel = origin.channel_id.0.get().unwrap_or_default();
        let endorsed = said.endorsements.is_none_or(|known| known.is_empty() || known.iter().any(|one| one == channel));
        let claimed = said.claims.get(SERVICE_URL).and_then(Value::as_str);
        endorsed && claimed.is_some() && claimed == origin.service_url.0.get()
    };
    signature::jwt_published(request, &settings.keys, &settings.rules(), agree)
}

/// The header the Bot Connector would send, signed with the key of our own.
pub(crate) fn sign(settings: &Settings, body: &[u8], at: SystemTime) -> Option<(&'static str, String)> {
    let origin = json::object::<Origin>(body).map(|parsed| parsed.value).unwrap_or_default();
    let service_url = origin.service_url.0.get().map(|url| (SERVICE_URL, url.to_owned()));
    signature::sign_jwt_own(body, &settings.rules(), service_url, at)
}
