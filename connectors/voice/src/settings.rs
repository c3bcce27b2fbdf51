//! The one shape of settings all providers have.

use std::time::Duration;

use connector_sdk::{Secret, Section, address, signature};

use crate::{
    provider::{Provider, Setting},
    providers::PROVIDERS,
};

/// One endpoint.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) provider: &'static Provider,
    /// What its calls are proven with; several are active while one is replaced.
    pub(crate) secrets: Vec<Secret>,
    /// The address the provider was given, without a query (Twilio).
    pub(crate) public_url: String,
    /// How far the time in a signed body may be from now (Stringee).
    pub(crate) replay_window: Duration,
    /// Where recordings lie that want the account's name and secret (Twilio).
    pub(crate) media_hosts: Vec<String>,
}

/// A day: an outage of the network in between is shorter, and what was heard longer ago is not said again.
const REPLAY_WINDOW: Duration = Duration::from_secs(24 * 3600);

/// The only one whose recordings want it.
const TWILIO: &str = "api.twilio.com";

impl Settings {
    /// Reads them.
    pub(crate) fn read(settings: &mut Section<'_>) -> Option<Self> {
        let names: Vec<_> = PROVIDERS.iter().map(|provider| (provider.name, Some(*provider))).collect();
        let Some(provider) = settings.choice("provider", &names, None) else {
            let known: Vec<_> = names.iter().map(|(name, _)| *name).collect();
            settings.fault("provider", format!("is required, one of: {}", known.join(", ")));
            for key in ["secrets", "public_url", "replay_window", "media_hosts"] {
                settings.ignore(key);
            }
            return None;
        };
        let secrets = settings.required_secrets("secrets");
        if provider.by_token && !secrets.iter().all(signature::is_token) {
            settings.fault(
                "secrets",
                "expected tokens of at least 20 characters that an address can hold: nothing else proves a call",
            );
        }
        let has = |setting| provider.settings.contains(&setting);
        let public_url = if has(Setting::PublicUrl) { settings.required_text("public_url") } else { String::new() };
        if !public_url.is_empty() && (!address::is_web(&public_url) || public_url.contains(['?', '#', '@'])) {
            settings.fault("public_url", "expected the address the provider was given, without query and password");
        }
        let replay_window =
            if has(Setting::ReplayWindow) { settings.duration("replay_window", REPLAY_WINDOW) } else { REPLAY_WINDOW };
        let media_hosts =
            if has(Setting::MediaHosts) { address::hosts(settings, "media_hosts", &[TWILIO]) } else { Vec::new() };
        Some(Self { provider, secrets, public_url, replay_window, media_hosts })
    }
}
