//! Renewing tokens: OAuth v4.
//!
//! A token works for 25 hours, what renews it for three months and once. The token before dies when a new one is given.

use std::time::Duration;

use connector_sdk::{
    ExposeSecret as _, Secret,
    outbound::{Body, Call, Effect, Method, Pair, Refresh, RefreshError, Reply},
};
use serde_json::Value;

use super::reply;

/// A token is renewed 20 of its 25 hours after it was given.
const AHEAD: Duration = Duration::from_secs(5 * 60 * 60);

/// Codes after which the same refresh token may still work: too many requests, a failure of theirs.
const PASSING: &[i64] = &[-32, -200];

/// Renews the tokens of an app's accounts.
#[derive(Debug)]
pub(super) struct Renewal {
    pub(super) app_id: String,
    pub(super) app_secret: Secret,
    pub(super) oauth_url: String,
}

impl Refresh for Renewal {
    fn call(&self, _account: &str, refresh_token: &Secret) -> Call {
        let fields = vec![
            ("refresh_token", refresh_token.expose_secret().to_owned()),
            ("app_id", self.app_id.clone()),
            ("grant_type", "refresh_token".to_owned()),
        ];
        Call {
            method: Method::Post,
            url: format!("{}/v4/oa/access_token", self.oauth_url),
            headers: vec![("secret_key", self.app_secret.expose_secret().to_owned())],
            body: Body::Form(fields),
            effect: Effect::Repeatable,
        }
    }

    fn read(&self, reply: &Reply) -> Result<Pair, RefreshError> {
        let body = reply.json();
        let member = |name: &str| body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        // The status says little: failures come with 200 as well. What has no token is one.
        let Some(access) = member("access_token") else { return Err(failure(reply, &body)) };
        let seconds = body.get("expires_in").and_then(reply::whole).and_then(|seconds| u64::try_from(seconds).ok());
        Ok(Pair {
            access: access.into(),
            refresh: member("refresh_token").map(Secret::from),
            expires_in: seconds.map(Duration::from_secs),
        })
    }

    fn ahead(&self) -> Duration {
        AHEAD
    }

    fn single_use(&self) -> bool {
        true
    }
}

/// No code is documented for a refresh token that was used or has run out: whatever is not known to pass is final.
fn failure(reply: &Reply, body: &Value) -> RefreshError {
    let number = body.get("error").and_then(reply::whole).filter(|code| *code != 0);
    let code = number.map(|code| code.to_string()).or_else(|| body.get("error_name").and_then(name));
    let no_word = code.is_none() && !body.is_object();
    let code = code.unwrap_or_else(|| format!("http_{}", reply.status));
    let passing = no_word
        || number.is_some_and(|code| PASSING.contains(&code))
        || matches!(reply.status, 408 | 425 | 429 | 500..=599);
    if passing { RefreshError::Passing { code } } else { RefreshError::Final { code } }
}

/// The error's name, as far as it is one: letters, digits and spaces, and not for ever.
fn name(value: &Value) -> Option<String> {
    let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '_' | '-');
    let name: String = value.as_str()?.chars().take_while(plain).take(60).collect();
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}
