//! Renewing tokens. One works for 60 days, what renews it for a year, however often it is used.
//! See <https://learn.microsoft.com/en-us/linkedin/shared/authentication/programmatic-refresh-tokens>.

use std::time::Duration;

use connector_sdk::{
    ExposeSecret as _, Secret,
    outbound::{Body, Call, Effect, Method, Pair, Refresh, RefreshError, Reply, read_oauth},
};

/// A token is renewed a week before its end.
const AHEAD: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Renews the tokens of an app's organizations.
#[derive(Debug)]
pub(super) struct Renewal {
    client_id: String,
    client_secret: Secret,
    url: String,
}

impl Renewal {
    pub(super) fn new(client_id: String, client_secret: Secret, oauth_url: &str) -> Self {
        Self { client_id, client_secret, url: format!("{oauth_url}/oauth/v2/accessToken") }
    }
}

impl Refresh for Renewal {
    fn call(&self, _account: &str, refresh_token: &Secret) -> Call {
        let fields = vec![
            ("grant_type", "refresh_token".to_owned()),
            ("refresh_token", refresh_token.expose_secret().to_owned()),
            ("client_id", self.client_id.clone()),
            ("client_secret", self.client_secret.expose_secret().to_owned()),
        ];
        let (body, effect) = (Body::Form(fields), Effect::Repeatable);
        Call { method: Method::Post, url: self.url.clone(), headers: Vec::new(), body, effect }
    }

    fn read(&self, reply: &Reply) -> Result<Pair, RefreshError> {
        read_oauth(reply)
    }

    fn ahead(&self) -> Duration {
        AHEAD
    }

    fn single_use(&self) -> bool {
        false
    }
}
