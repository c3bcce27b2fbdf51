//! The Graph API, through which all of Meta's channels send: addresses, the token and its proof, what answers mean.
//! See <https://developers.facebook.com/docs/graph-api/overview>.

mod answer;
mod error;
mod facts;
mod usage;

use connector_sdk::{
    Secret, Section, address,
    media::Source,
    outbound::{Body, Call, Effect, Method, Sending, TOKEN, possession},
};

pub use self::{
    answer::{request_id, taken, word},
    error::undelivered,
    facts::{Fact, MESSAGING, Meaning},
    usage::pause,
};
use crate::app::App;

/// The version calls are written for. v20.0 to v25.0 take the same bodies; Meta keeps a version for about two years.
const VERSION: &str = "v25.0";

/// Where the Graph API is, and how calls to it are proven.
#[derive(Debug, Clone)]
pub struct Graph {
    /// The address with the version, without a slash at its end.
    base: String,
    /// The app secret that proves possession of tokens; none where that is switched off.
    prover: Option<Secret>,
}

impl Graph {
    /// Reads `api_url`, which is `default_url` when it is absent, `api_version`, and `appsecret_proof`, which is `proven`.
    pub fn configure(settings: &mut Section<'_>, default_url: &str, proven: bool, app: &App) -> Self {
        let url = settings.text("api_url").unwrap_or_else(|| default_url.to_owned());
        if !address::is_web(&url) || url.contains(['?', '#', '{']) {
            settings.fault("api_url", format!("expected an address such as {default_url}"));
        }
        let version = settings.text("api_version").unwrap_or_else(|| VERSION.to_owned());
        if !is_version(&version) {
            settings.fault("api_version", format!("expected a version such as {VERSION}"));
        }
        let proven = settings.boolean("appsecret_proof", proven);
        let base = format!("{}/{version}", url.trim_end_matches('/'));
        Self { base, prover: app.secret().filter(|_| proven).cloned() }
    }

    /// Where the API is, without the version.
    pub fn root(&self) -> &str {
        self.base.rsplit_once('/').map_or("", |(root, _)| root)
    }

    /// A call of an object, or of an edge below it, for the account that `sending` is from. Every call carries the
    /// proof: apps may be set to refuse calls without.
    pub fn call(&self, method: Method, path: &[&str], body: Body, effect: Effect, sending: &Sending<'_>) -> Call {
        let url = self.url(path, sending.token);
        let headers = vec![("Authorization", format!("Bearer {TOKEN}"))];
        Call { method, url, headers, body, effect }
    }

    /// A look at an object, proven in the same way.
    pub fn look(&self, path: &[&str], token: &Secret) -> Source {
        Source::given(self.url(path, token), &self.base).bearer()
    }

    fn url(&self, path: &[&str], token: &Secret) -> String {
        let mut url = self.base.clone();
        for segment in path {
            url.push('/');
            // What is no id cannot be an object either; nothing gets to name another address with it.
            url.extend(segment.chars().map(|c| if is_of_id(c) { c } else { '_' }));
        }
        if let Some(secret) = &self.prover {
            url.push_str("?appsecret_proof=");
            url.push_str(&possession(secret, token));
        }
        url
    }
}

/// Whether this can be an id of the Graph API, such as `770001_8001`.
pub fn is_id(text: &str) -> bool {
    !text.is_empty() && text.len() <= 256 && text.chars().all(is_of_id)
}

fn is_of_id(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-')
}

fn is_version(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.len() < 4 && text.chars().all(|c| c.is_ascii_digit());
    let parts = text.strip_prefix('v').and_then(|numbers| numbers.split_once('.'));
    parts.is_some_and(|(major, minor)| digits(major) && digits(minor))
}
