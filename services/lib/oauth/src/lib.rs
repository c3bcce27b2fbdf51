//! Access tokens for mail servers (OAuth 2, RFC 6749), and how they are said there.

use std::time::Duration;

use connector_sdk::{ExposeSecret as _, Secret, mail_server::OAuth};
use serde::Deserialize;

/// No access token was given out. Why is not repeated: answers may hold what proves the application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no access token is given out: check oauth")]
pub struct NoToken;

#[derive(Deserialize)]
struct Granted {
    access_token: String,
}

/// Gets an access token. It is for one connection and kept nowhere.
pub async fn access_token(oauth: &OAuth, timeout: Duration) -> Result<Secret, NoToken> {
    let client = reqwest::Client::builder()
        .timeout(timeout)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|_| NoToken)?;
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
    let answer = client.post(&oauth.token_url).form(&form).send().await.map_err(|_| NoToken)?;
    if !answer.status().is_success() {
        return Err(NoToken);
    }
    let granted: Granted = answer.json().await.map_err(|_| NoToken)?;
    Ok(Secret::from(granted.access_token))
}
