//! Signing in.

use std::time::Duration;

use async_imap::Authenticator;
use connector_sdk::{ExposeSecret as _, Secret, mailbox::OAuth};
use serde::Deserialize;

use super::Problem;

/// The SASL mechanism XOAUTH2 of Google and Microsoft.
pub(super) struct XOAuth2 {
    first: Option<String>,
}

impl XOAuth2 {
    pub(super) fn new(user: &str, token: &Secret) -> Self {
        Self { first: Some(format!("user={user}\u{1}auth=Bearer {}\u{1}\u{1}", token.expose_secret())) }
    }
}

impl Authenticator for XOAuth2 {
    type Response = String;

    fn process(&mut self, _challenge: &[u8]) -> String {
        // A second challenge says what is wrong and wants an empty answer; only then the server says no.
        self.first.take().unwrap_or_default()
    }
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
}

/// Gets an access token. It is used for one connection and kept nowhere.
pub(super) async fn access_token(oauth: &OAuth, timeout: Duration) -> Result<Secret, Problem> {
    let client = reqwest::Client::builder()
        .timeout(timeout)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|_| Problem::Token)?;
    let mut form = vec![("client_id", oauth.client_id.as_str())];
    if let Some(secret) = &oauth.client_secret {
        form.push(("client_secret", secret.expose_secret()));
    }
    if let Some(refresh) = &oauth.refresh_token {
        form.push(("grant_type", "refresh_token"));
        form.push(("refresh_token", refresh.expose_secret()));
    } else {
        form.push(("grant_type", "client_credentials"));
    }
    if let Some(scope) = &oauth.scope {
        form.push(("scope", scope));
    }
    let answer = client.post(&oauth.token_url).form(&form).send().await.map_err(|_| Problem::Token)?;
    if !answer.status().is_success() {
        return Err(Problem::Token);
    }
    let granted: Granted = answer.json().await.map_err(|_| Problem::Token)?;
    Ok(Secret::from(granted.access_token))
}
