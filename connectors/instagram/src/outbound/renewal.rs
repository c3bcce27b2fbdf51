//! Renewing tokens of Instagram Login: a token works for 60 days and, while it does, is changed for one that works for 60 more.
//! See <https://developers.facebook.com/docs/instagram-platform/reference/refresh_access_token/>.

use std::time::Duration;

use connector_sdk::{
    ExposeSecret as _, Secret,
    outbound::{Body, Call, Effect, Method, Pair, Refresh, RefreshError, Reply, read_oauth},
};

/// A token is renewed a fortnight before its end, at the latest.
const AHEAD: Duration = Duration::from_secs(14 * 24 * 60 * 60);
/// The Graph API's code of a token that ended or was withdrawn.
const ENDED: i64 = 190;

/// Renews the tokens of accounts.
#[derive(Debug)]
pub(super) struct Renewal {
    url: String,
}

impl Renewal {
    pub(super) fn new(api_url: &str) -> Self {
        Self { url: format!("{api_url}/refresh_access_token?grant_type=ig_refresh_token&access_token=") }
    }
}

impl Refresh for Renewal {
    fn call(&self, _account: &str, refresh_token: &Secret) -> Call {
        let token: String = form_urlencoded::byte_serialize(refresh_token.expose_secret().as_bytes()).collect();
        let url = format!("{}{token}", self.url);
        Call { method: Method::Get, url, headers: Vec::new(), body: Body::None, effect: Effect::Repeatable }
    }

    fn read(&self, reply: &Reply) -> Result<Pair, RefreshError> {
        let body = reply.json();
        if let Some(code) = body.pointer("/error/code").and_then(serde_json::Value::as_i64) {
            // Any other passes: a token of less than a day is not renewed yet, and works.
            let (ended, code) = (code == ENDED, code.to_string());
            return Err(if ended { RefreshError::Final { code } } else { RefreshError::Passing { code } });
        }
        // The token itself is what renews it.
        read_oauth(reply).map(|pair| Pair { refresh: Some(pair.access.clone()), ..pair })
    }

    fn ahead(&self) -> Duration {
        AHEAD
    }

    fn single_use(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, body: &str) -> Result<Pair, RefreshError> {
        Renewal::new("https://graph.instagram.com").read(&Reply {
            status,
            retry_after: None,
            body: body.to_owned().into(),
        })
    }

    #[test]
    fn a_token_is_changed_for_one_that_is_changed_for_the_next() {
        let call = Renewal::new("https://graph.instagram.com").call("7", &Secret::from("IG+old".to_owned()));
        let wanted =
            "https://graph.instagram.com/refresh_access_token?grant_type=ig_refresh_token&access_token=IG%2Bold";
        assert_eq!((call.method, call.url.as_str()), (Method::Get, wanted));
        let pair = read(200, r#"{"access_token":"IGnew","token_type":"bearer","expires_in":5183944}"#).expect("a pair");
        assert_eq!(pair.refresh.expect("the next").expose_secret(), "IGnew");
        assert_eq!((pair.access.expose_secret(), pair.expires_in), ("IGnew", Some(Duration::from_secs(5_183_944))));
    }

    #[test]
    fn only_a_token_that_ended_needs_a_person() {
        let error = |code: i64| format!(r#"{{"error":{{"message":"made up","type":"OAuthException","code":{code}}}}}"#);
        assert_eq!(read(400, &error(190)).err(), Some(RefreshError::Final { code: "190".into() }));
        assert_eq!(read(400, &error(100)).err(), Some(RefreshError::Passing { code: "100".into() }));
        assert_eq!(read(502, "<html>").err(), Some(RefreshError::Passing { code: "http_502".into() }));
    }
}
