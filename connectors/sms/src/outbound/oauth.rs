//! Tokens that are given for a client's secret: OAuth's client credentials, as FPT has them.
//!
//! The client's secret stands where other channels have a refresh token; it works as often as it is used.

use std::time::Duration;

use connector_sdk::{
    ExposeSecret as _, Secret,
    fields::{self, Items},
    outbound::{Call, Effect, Pair, Refresh, RefreshError, Reply},
};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::settings::Settings;

const SCOPE: &str = "send_brandname_otp send_brandname";

/// A token goes with the session it was made for. One for each account that is always the same needs no keeping.
pub(super) fn session(client: &str, account: &str) -> String {
    let digest = hex::encode(Sha256::digest(format!("{client} {account}")));
    digest.chars().take(24).collect()
}

impl Refresh for Settings {
    fn call(&self, account: &str, refresh_token: &Secret) -> Call {
        let body = json!({
            "client_id": self.user,
            "client_secret": refresh_token.expose_secret(),
            "scope": SCOPE,
            "session_id": session(&self.user, account),
            "grant_type": "client_credentials",
        });
        Call::post(format!("{}/oauth2/token", self.api_url), body).effect(Effect::Repeatable)
    }

    fn read(&self, reply: &Reply) -> Result<Pair, RefreshError> {
        let item = fields::read(&reply.body, Items::One).ok().and_then(|mut items| items.pop());
        let get = |path: &str| item.as_ref().and_then(|item| item.get_at(path));
        if let Some(access) = get("access_token") {
            let expires_in = get("expires_in").and_then(|seconds| seconds.parse().ok()).map(Duration::from_secs);
            return Ok(Pair { access: access.into(), refresh: None, expires_in });
        }
        let code =
            get("error").filter(|code| code.len() <= 40 && code.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        let passing = code.is_none() || matches!(reply.status, 408 | 425 | 429 | 500..=599);
        let code = code.unwrap_or_else(|| format!("http_{}", reply.status));
        Err(if passing { RefreshError::Passing { code } } else { RefreshError::Final { code } })
    }

    fn ahead(&self) -> Duration {
        Duration::from_secs(600)
    }

    fn single_use(&self) -> bool {
        false
    }
}
