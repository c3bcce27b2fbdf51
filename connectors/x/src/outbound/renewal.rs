//! Renewing tokens: OAuth 2.0 of a confidential client. A token works for two hours, what renews it once.
//! See <https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code>.

use std::time::Duration;

use connector_sdk::{
    ExposeSecret as _, Secret, Section,
    outbound::{Body, Call, Effect, Method, Pair, Refresh, RefreshError, Reply, basic, read_oauth},
};

/// A token is renewed half an hour before its end.
const AHEAD: Duration = Duration::from_secs(30 * 60);

/// Renews the tokens of an app's accounts.
#[derive(Debug)]
pub(super) struct Renewal {
    client_id: String,
    client_secret: Secret,
    url: String,
}

impl Renewal {
    /// Reads `client_id` and `client_secret`: both, or neither.
    pub(super) fn configure(settings: &mut Section<'_>, api_url: &str) -> Option<Self> {
        let (client_id, client_secret) = (settings.text("client_id"), settings.secret("client_secret"));
        match (client_id, client_secret) {
            (Some(client_id), Some(client_secret)) => {
                Some(Self { client_id, client_secret, url: format!("{api_url}/2/oauth2/token") })
            }
            (Some(_), None) => {
                settings.fault("client_secret", "is required beside client_id");
                None
            }
            (None, Some(_)) => {
                settings.fault("client_id", "is required beside client_secret");
                None
            }
            (None, None) => None,
        }
    }
}

impl Refresh for Renewal {
    fn call(&self, _account: &str, refresh_token: &Secret) -> Call {
        let fields = vec![
            ("grant_type", "refresh_token".to_owned()),
            ("refresh_token", refresh_token.expose_secret().to_owned()),
        ];
        Call {
            method: Method::Post,
            url: self.url.clone(),
            headers: vec![("Authorization", basic(&self.client_id, self.client_secret.expose_secret()))],
            body: Body::Form(fields),
            effect: Effect::Repeatable,
        }
    }

    fn read(&self, reply: &Reply) -> Result<Pair, RefreshError> {
        read_oauth(reply)
    }

    fn ahead(&self) -> Duration {
        AHEAD
    }

    fn single_use(&self) -> bool {
        true
    }
}
