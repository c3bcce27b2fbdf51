//! The one shape of settings all providers have.

use std::time::Duration;

use connector_sdk::{Secret, Section, mailbox::Mailbox, reception::Reception, signature};

use crate::{
    charset::Fallback,
    inbound::Rules,
    outbound::Sender,
    provider::{Provider, Secrets, Setting},
    providers::PROVIDERS,
};

/// One endpoint.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) provider: &'static Provider,
    /// What its calls are proven with.
    pub(crate) secrets: Vec<Secret>,
    /// Keys its calls are signed with.
    pub(crate) public_keys: Vec<Secret>,
    /// Certificates its calls are signed with.
    pub(crate) certificates: Vec<Secret>,
    /// Topics its calls may be of.
    pub(crate) topics: Vec<String>,
    /// How old a signature may be.
    pub(crate) replay_window: Duration,
    pub(crate) rules: Rules,
    /// What the poller reads.
    pub(crate) mailbox: Option<Mailbox>,
    /// Whose mail the ingress takes.
    pub(crate) reception: Option<Reception>,
    /// What sends.
    pub(crate) sender: Option<Sender>,
}

/// Mailgun tries for eight hours; it does not say whether it signs each try anew.
const REPLAY_WINDOW: Duration = Duration::from_secs(9 * 3600);
const SHORTEST_REPLY_SECRET: usize = 20;

impl Settings {
    /// Reads them.
    pub(crate) fn read(settings: &mut Section<'_>) -> Option<Self> {
        let names: Vec<_> = PROVIDERS.iter().map(|provider| (provider.name, Some(*provider))).collect();
        let Some(provider) = settings.choice("provider", &names, None) else {
            let known: Vec<_> = names.iter().map(|(name, _)| *name).collect();
            settings.fault("provider", format!("is required, one of: {}", known.join(", ")));
            let others =
                ["secrets", "public_keys", "certificates", "topics", "replay_window", "mailboxes", "reply_secrets"];
            others
                .into_iter()
                .chain(["trusted_hosts", "fallback_charset", "thread_by_subject", "imap", "smtp", "domains"])
                .for_each(|key| settings.ignore(key));
            return None;
        };
        let has = |setting| provider.settings.contains(&setting);
        let public_keys = if has(Setting::PublicKeys) { secrets(settings, "public_keys") } else { Vec::new() };
        if !public_keys.iter().all(signature::is_p256_key) {
            settings.fault("public_keys", "expected public keys as the provider shows them: base64, P-256");
        }
        let (certificates, topics) = if has(Setting::Topics) { topics(settings) } else { (Vec::new(), Vec::new()) };
        let is_optional = provider.secrets == Secrets::TokensBeside
            || provider.secrets == Secrets::TokensOrKeys && !public_keys.is_empty();
        let proofs = match provider.secrets {
            Secrets::None => Vec::new(),
            _ if is_optional => secrets(settings, "secrets"),
            Secrets::Keys | Secrets::Tokens | Secrets::TokensOrKeys | Secrets::TokensBeside => {
                settings.required_secrets("secrets")
            }
        };
        if provider.secrets != Secrets::Keys && !proofs.iter().all(signature::is_token) {
            settings.fault("secrets", "expected tokens of at least 20 characters that an address can hold");
        }
        let rules = rules(settings);
        let reception = has(Setting::Reception).then(|| Reception::read(settings, rules.mailboxes.clone()));
        Some(Self {
            reception,
            sender: settings.optional("smtp", |smtp| Sender::read(smtp, &rules)).flatten(),
            secrets: proofs,
            public_keys,
            certificates,
            topics,
            replay_window: if has(Setting::ReplayWindow) {
                settings.duration("replay_window", REPLAY_WINDOW)
            } else {
                REPLAY_WINDOW
            },
            rules,
            mailbox: has(Setting::Mailbox).then(|| settings.section("imap", Mailbox::read)),
            provider,
        })
    }
}

fn secrets(settings: &mut Section<'_>, key: &'static str) -> Vec<Secret> {
    settings.texts(key).into_iter().map(Secret::from).collect()
}

fn topics(settings: &mut Section<'_>) -> (Vec<Secret>, Vec<String>) {
    let certificates = settings.required_secrets("certificates");
    if !certificates.iter().all(signature::is_rsa_certificate) {
        settings.fault("certificates", "expected certificates with an RSA key in PEM, as behind SigningCertURL");
    }
    let topics = settings.texts("topics");
    if topics.is_empty() || !topics.iter().all(|topic| topic.starts_with("arn:")) {
        settings.fault("topics", "is required: the ARNs of the topics that may call, arn:aws:sns:…");
    }
    (certificates, topics)
}

fn rules(settings: &mut Section<'_>) -> Rules {
    let mailboxes: Vec<_> = settings.texts("mailboxes").iter().map(|address| address.trim().to_lowercase()).collect();
    if !mailboxes
        .iter()
        .all(|address| address.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty()))
    {
        settings.fault("mailboxes", "expected addresses such as support@example.com");
    }
    let reply_secrets = secrets(settings, "reply_secrets");
    let is_long = |secret: &Secret| connector_sdk::ExposeSecret::expose_secret(secret).len() >= SHORTEST_REPLY_SECRET;
    if !reply_secrets.iter().all(is_long) {
        settings.fault("reply_secrets", "expected at least 20 characters each: who guesses one writes into any thread");
    }
    Rules {
        mailboxes,
        reply_secrets,
        trusted_hosts: settings.texts("trusted_hosts"),
        thread_by_subject: settings.boolean("thread_by_subject", false),
        fallback: settings.choice("fallback_charset", &Fallback::NAMES, Fallback::default()),
    }
}
