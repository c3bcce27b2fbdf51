//! Tokens that have to be renewed.

use std::{fmt, time::Duration};

use serde_json::Value;

use super::{Call, Reply};
use crate::{Secret, json::Number};

/// How a channel renews an account's token.
pub trait Refresh: fmt::Debug + Send + Sync {
    /// The call that renews it. Secrets of the endpoint stand in it; it is never logged.
    fn call(&self, account: &str, refresh_token: &Secret) -> Call;

    /// Reads the channel's answer.
    fn read(&self, reply: &Reply) -> Result<Pair, RefreshError>;

    /// How long before its end a token is renewed.
    fn ahead(&self) -> Duration;

    /// The refresh token works once: whoever loses the answer loses the account.
    fn single_use(&self) -> bool;
}

/// A token and what renews it.
#[derive(Debug, Clone)]
pub struct Pair {
    /// What calls carry.
    pub access: Secret,
    /// What renews it. `None`: the one there was goes on working.
    pub refresh: Option<Secret>,
    /// How long the token works.
    pub expires_in: Option<Duration>,
}

/// Why there is no new token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefreshError {
    /// It may work later; the channel had an error of its own.
    #[error("the channel has an error of its own ({code})")]
    Passing {
        /// Its code.
        code: String,
    },
    /// A person has to give the consent again.
    #[error("the channel refuses to renew the token ({code})")]
    Final {
        /// Its code.
        code: String,
    },
}

/// Errors of the standard: none of them goes away by itself.
const FINAL: &[&str] = &[
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
];

/// Reads the answer of a token endpoint as OAuth 2.0 has it (RFC 6749, 5.1 and 5.2): an error that is no word of the standard's,
/// or comes with a status of a failure of theirs, may pass.
pub fn read_oauth(reply: &Reply) -> Result<Pair, RefreshError> {
    let body = reply.json();
    let member = |name: &str| body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    if let Some(access) = member("access_token").filter(|_| (200..300).contains(&reply.status)) {
        let seconds = body.get("expires_in").and_then(|value| serde_json::from_value::<Number>(value.clone()).ok());
        return Ok(Pair {
            access: access.into(),
            refresh: member("refresh_token").map(Secret::from),
            expires_in: seconds.and_then(Number::whole).map(Duration::from_secs),
        });
    }
    let word = member("error").filter(|word| FINAL.contains(word));
    let is_final = word.is_some() && !matches!(reply.status, 408 | 425 | 429 | 500..=599);
    let code = word.map_or_else(|| format!("http_{}", reply.status), Into::into);
    Err(if is_final { RefreshError::Final { code } } else { RefreshError::Passing { code } })
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn read(status: u16, body: &str) -> Result<Pair, RefreshError> {
        read_oauth(&Reply { status, retry_after: None, body: body.to_owned().into() })
    }

    #[test]
    fn a_pair_is_read_whether_the_time_is_number_or_text() {
        for seconds in ["7200", "\"7200\""] {
            let pair =
                read(200, &format!(r#"{{"access_token":"a","refresh_token":"r","expires_in":{seconds}}}"#)).unwrap();
            assert_eq!((pair.access.expose_secret(), pair.expires_in), ("a", Some(Duration::from_secs(7200))));
            assert_eq!(pair.refresh.unwrap().expose_secret(), "r");
        }
        assert!(read(200, r#"{"access_token":"a"}"#).unwrap().refresh.is_none());
    }

    #[test]
    fn only_a_word_of_the_standards_ends_the_consent() {
        let grant = r#"{"error":"invalid_grant","error_description":"made-up words"}"#;
        assert_eq!(read(400, grant).unwrap_err(), RefreshError::Final { code: "invalid_grant".into() });
        for (status, body, code) in [
            (500, grant, "invalid_grant"),
            (429, "{}", "http_429"),
            (400, r#"{"error":"Made-up words"}"#, "http_400"),
            (200, r#"{"access_token":""}"#, "http_200"),
            (502, "<html>", "http_502"),
        ] {
            assert_eq!(read(status, body).unwrap_err(), RefreshError::Passing { code: code.into() }, "{status} {body}");
        }
    }
}
