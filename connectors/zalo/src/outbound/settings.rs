//! Settings of the sending half.

use connector_sdk::{Section, address, outbound::Accounts};

use super::{Sender, renewal::Renewal};

/// Requests a minute that Zalo allows an app.
const REQUESTS_PER_MINUTE: u64 = 4000;
const MOST_PER_MINUTE: u64 = 1_000_000;

impl Sender {
    /// Reads them; `None` where no account is named, and the endpoint only receives.
    pub(crate) fn read(settings: &mut Section<'_>, app_id: &str) -> Option<Self> {
        let accounts = Accounts::read(settings, true);
        let app_secret = settings.secret("app_secret");
        let appsecret_proof = settings.boolean("appsecret_proof", false);
        if app_secret.is_none() && accounts.iter().any(|(_, account)| account.refresh_token.is_some()) {
            settings.fault("app_secret", "is required to renew tokens: an account has a refresh_token");
        }
        if app_secret.is_none() && appsecret_proof {
            settings.fault("appsecret_proof", "needs app_secret, which it is made with");
        }
        let api_url = address::api(settings, "api_url", "https://openapi.zalo.me");
        let business_url = address::api(settings, "business_url", "https://business.openapi.zalo.me");
        let oauth_url = address::api(settings, "oauth_url", "https://oauth.zaloapp.com");
        let renewal = app_secret.clone().map(|app_secret| Renewal { app_id: app_id.to_owned(), app_secret, oauth_url });
        let sender = Self {
            renewal,
            app_secret,
            appsecret_proof,
            api_url,
            business_url,
            zns_development: settings.boolean("zns_development", false),
            cards_and_buttons: settings.boolean("cards_and_buttons", true),
            requests_per_minute: settings.number("requests_per_minute", 1..=MOST_PER_MINUTE, REQUESTS_PER_MINUTE),
            account_requests_per_minute: settings.number("account_requests_per_minute", 0..=MOST_PER_MINUTE, 0),
            accounts,
        };
        (!sender.accounts.is_empty()).then_some(sender)
    }
}
