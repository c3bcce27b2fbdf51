//! Tokens for the Bot Connector: OAuth's client credentials (RFC 6749, section 4.4).
//!
//! The client's secret stands where other channels have a refresh token; it works as often as it is used.

use std::time::Duration;

use connector_sdk::{
    ExposeSecret as _, Secret, Section, address,
    json::{self, Number, Soft, Word},
    outbound::{Body, Call, Effect, Pair, Refresh, RefreshError, Reply},
};
use serde::Deserialize;

const URL: &str = "https://login.microsoftonline.com/botframework.com/oauth2/v2.0/token";
const SCOPE: &str = "https://api.botframework.com/.default";

/// How tokens are fetched.
#[derive(Debug)]
pub(super) struct Tokens {
    url: String,
    scope: String,
    client: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Given {
    access_token: Soft<Word>,
    expires_in: Soft<Option<Number>>,
    error: Soft<Word>,
}

impl Tokens {
    /// Reads `token_url` and `token_scope`.
    pub(super) fn read(settings: &mut Section<'_>, client: &str) -> Self {
        let url = address::api(settings, "token_url", URL);
        let scope = settings.text("token_scope").unwrap_or_else(|| SCOPE.into());
        Self { url, scope, client: client.to_owned() }
    }
}

impl Refresh for Tokens {
    fn call(&self, _account: &str, refresh_token: &Secret) -> Call {
        let body = Body::Form(vec![
            ("grant_type", "client_credentials".into()),
            ("client_id", self.client.clone()),
            ("client_secret", refresh_token.expose_secret().to_owned()),
            ("scope", self.scope.clone()),
        ]);
        let call = Call::post(self.url.clone(), serde_json::Value::Null).effect(Effect::Repeatable);
        Call { body, ..call }
    }

    fn read(&self, reply: &Reply) -> Result<Pair, RefreshError> {
        let given = json::object::<Given>(&reply.body).map(|parsed| parsed.value).unwrap_or_default();
        if let Some(access) = given.access_token.0.into_option() {
            let expires_in = given.expires_in.0.and_then(Number::whole).map(Duration::from_secs);
            return Ok(Pair { access: access.into(), refresh: None, expires_in });
        }
        let plain =
            |code: &String| code.len() <= 40 && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        let code = given.error.0.into_option().filter(plain);
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
