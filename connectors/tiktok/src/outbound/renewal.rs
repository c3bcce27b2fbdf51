//! Renewing tokens. One works for a day, what renews it for a year.
//! See <https://business-api.tiktok.com/portal/docs?id=1832184145137922>.

use std::time::Duration;

use connector_sdk::{
    ExposeSecret as _, Secret,
    outbound::{Call, Effect, Pair, Refresh, RefreshError, Reply},
};
use serde_json::{Value, json};

/// A token is renewed four hours before its end.
const AHEAD: Duration = Duration::from_secs(4 * 60 * 60);

/// Codes after which the same refresh token may still work: too many requests, and all failures of theirs.
const THROTTLED: &[u64] = &[40016, 40100, 40133];
const OWN: u64 = 50_000;

/// Renews the tokens of an app's accounts.
#[derive(Debug)]
pub(super) struct Renewal {
    client_id: String,
    client_secret: Secret,
    url: String,
}

impl Renewal {
    pub(super) fn new(client_id: String, client_secret: Secret, api_url: &str) -> Self {
        let url = format!("{api_url}/open_api/v1.3/tt_user/oauth2/refresh_token/");
        Self { client_id, client_secret, url }
    }
}

impl Refresh for Renewal {
    fn call(&self, _account: &str, refresh_token: &Secret) -> Call {
        let body = json!({
            "client_id": self.client_id,
            "client_secret": self.client_secret.expose_secret(),
            "grant_type": "refresh_token",
            "refresh_token": refresh_token.expose_secret(),
        });
        Call::post(&self.url, body).effect(Effect::Repeatable)
    }

    /// Failures come with status 200 too: what has no token is one.
    fn read(&self, reply: &Reply) -> Result<Pair, RefreshError> {
        let body = reply.json();
        let data = |name: &str| body.get("data").and_then(|data| data.get(name));
        let text = |name: &str| data(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let number = body.get("code").and_then(Value::as_u64);
        if let (Some(0), Some(access)) = (number, text("access_token")) {
            let expires_in = data("expires_in").and_then(Value::as_u64).map(Duration::from_secs);
            return Ok(Pair { access: access.into(), refresh: text("refresh_token").map(Secret::from), expires_in });
        }
        let code = number.map_or_else(|| format!("http_{}", reply.status), |code| code.to_string());
        let is_final = number.is_some_and(|code| (1..OWN).contains(&code) && !THROTTLED.contains(&code));
        let is_final = is_final && !matches!(reply.status, 408 | 425 | 429 | 500..=599);
        Err(if is_final { RefreshError::Final { code } } else { RefreshError::Passing { code } })
    }

    fn ahead(&self) -> Duration {
        AHEAD
    }

    /// TikTok gives a new one each time and does not say what becomes of the old.
    fn single_use(&self) -> bool {
        true
    }
}
