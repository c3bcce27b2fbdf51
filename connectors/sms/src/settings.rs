//! The one shape of settings all providers have.

use std::time::Duration;

use connector_sdk::{
    Secret, Section, address,
    outbound::Accounts,
    phone::{Address, is_brandname},
};

use crate::{proof::Setting, provider::Provider, providers::PROVIDERS, smpp::Smpp};

/// One endpoint.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) provider: &'static Provider,
    /// The message centre, where the provider is one.
    pub(crate) smpp: Option<Smpp>,
    /// Who we are at the provider, in its words.
    pub(crate) user: String,
    /// What its calls are proven with.
    pub(crate) secrets: Vec<Secret>,
    /// What its messages are proven with beside (eSMS).
    pub(crate) message_keys: Vec<Secret>,
    /// The address the provider was given, without a query.
    pub(crate) public_url: String,
    /// Take calls whose signature does not cover the body (Plivo's V2).
    pub(crate) unsigned_bodies: bool,
    /// What came twice within this is one message, where messages have no id.
    pub(crate) repeat_window: Duration,
    pub(crate) accounts: Accounts,
    pub(crate) api_url: String,
    pub(crate) callback_url: Option<Secret>,
    /// Take Vietnamese its diacritics where that makes a text GSM-7.
    pub(crate) fold: bool,
    /// Where files lie that want the account's name and secret.
    pub(crate) media_hosts: Vec<String>,
    /// Send files as MMS.
    pub(crate) mms: bool,
    pub(crate) requests_per_minute: u64,
}

const MOST_PER_MINUTE: u64 = 1_000_000;

impl Settings {
    /// Reads them.
    pub(crate) fn read(settings: &mut Section<'_>) -> Option<Self> {
        let names: Vec<_> = PROVIDERS.iter().map(|provider| (provider.name, Some(*provider))).collect();
        let provider = settings.choice("provider", &names, None);
        let Some(provider) = provider else {
            let known: Vec<_> = names.iter().map(|(name, _)| *name).collect();
            settings.fault("provider", format!("is required, one of: {}", known.join(", ")));
            for key in ["user", "secrets", "accounts", "public_url", "callback_url", "smpp"] {
                settings.ignore(key);
            }
            return None;
        };
        let scheme = provider.proof;
        let has = |setting| scheme.settings.contains(&setting);
        let user = provider.user.map(|_| settings.required_text("user")).unwrap_or_default();
        if has(Setting::Session) {
            return Some(Self::of_session(settings, provider, user));
        }
        let secrets = if provider.rules.is_empty() && !scheme.signs {
            settings.texts("secrets").into_iter().map(Secret::from).collect()
        } else {
            settings.required_secrets("secrets")
        };
        if secrets.iter().any(|secret| !(scheme.is_secret)(secret)) {
            settings.fault("secrets", scheme.wanted);
        }
        let public_url = if has(Setting::PublicUrl) { settings.required_text("public_url") } else { String::new() };
        if !public_url.is_empty() && (!address::is_web(&public_url) || public_url.contains(['?', '#', '@'])) {
            settings.fault("public_url", "expected the address the provider was given, without query and password");
        }
        let read = Self {
            user,
            secrets,
            message_keys: if has(Setting::MessageKeys) {
                settings.texts("message_keys").into_iter().map(Secret::from).collect()
            } else {
                Vec::new()
            },
            public_url,
            unsigned_bodies: has(Setting::UnsignedBodies) && settings.boolean("unsigned_bodies", false),
            repeat_window: settings.duration("repeat_window", REPEAT_WINDOW),
            accounts: accounts(settings, provider),
            api_url: address::api(settings, "api_url", provider.sends.api_url),
            callback_url: callback(settings),
            fold: settings.choice("diacritics", &FOLD, false),
            media_hosts: match provider.media_hosts() {
                [] => Vec::new(),
                known => address::hosts(settings, "media_hosts", known),
            },
            mms: provider.sends.takes_media() && settings.boolean("mms", false),
            requests_per_minute: settings.number("requests_per_minute", 0..=MOST_PER_MINUTE, 0),
            provider,
            smpp: None,
        };
        Some(read)
    }

    /// Those of a provider that nobody calls and that is not called.
    fn of_session(settings: &mut Section<'_>, provider: &'static Provider, user: String) -> Self {
        if user.len() > 15 || !user.is_ascii() {
            settings.fault("user", "expected a system_id of at most 15 ASCII characters");
        }
        let repeat_window = settings.duration("repeat_window", REPEAT_WINDOW);
        // The password is the session's; the dispatcher wants to see one with each account.
        let accounts = Accounts::sharing(settings, &Secret::default());
        check(settings, provider, &accounts);
        let smpp = settings.section("smpp", |smpp| Smpp::read(smpp, &user, repeat_window, &accounts));
        Self {
            provider,
            user,
            secrets: Vec::new(),
            message_keys: Vec::new(),
            public_url: String::new(),
            unsigned_bodies: false,
            repeat_window,
            accounts,
            api_url: String::new(),
            callback_url: None,
            fold: settings.choice("diacritics", &FOLD, false),
            media_hosts: Vec::new(),
            mms: false,
            requests_per_minute: settings.number("requests_per_minute", 0..=MOST_PER_MINUTE, 0),
            smpp: Some(smpp),
        }
    }
}

const FOLD: [(&str, bool); 2] = [("keep", false), ("fold", true)];
const REPEAT_WINDOW: Duration = Duration::from_secs(60);

fn accounts(settings: &mut Section<'_>, provider: &Provider) -> Accounts {
    let accounts = Accounts::read(settings, provider.sends.oauth);
    check(settings, provider, &accounts);
    accounts
}

fn check(settings: &mut Section<'_>, provider: &Provider, accounts: &Accounts) {
    for (id, _) in accounts.iter() {
        let is_service = id.len() == 34 && id.starts_with("MG") && provider.sends.has_services();
        let is_number = match provider.numbers.read(id) {
            Address::Phone(number) => number == id,
            Address::ShortCode(_) | Address::Service(_) => true,
            Address::Name(_) | Address::Other(_) => false,
        };
        if !(is_service || is_number || is_brandname(id)) {
            settings.fault(
                "accounts",
                format!(
                    "expected numbers such as \"+84280000001\", short codes, or names of at most 11 letters, digits, \
                     spaces, -, _ and ., not digits only; {id:?} is none"
                ),
            );
        }
    }
}

/// Where reports go: an address of this gateway, with the secret token in it where the provider signs nothing.
fn callback(settings: &mut Section<'_>) -> Option<Secret> {
    let url = settings.text("callback_url")?;
    if !address::is_web(&url) {
        settings.fault("callback_url", "expected this endpoint's public https address");
    }
    Some(url.into())
}
