//! The settings of a bot.

use std::{sync::Arc, time::Duration};

use connector_sdk::{
    Secret, Section,
    keys::{KeySource, PublishedKeys},
    signature::{self, TokenRules},
};

/// Who makes the tokens of the public cloud, and where its keys are. Other clouds have others.
const ISSUER: &str = "https://api.botframework.com";
const METADATA: &str = "https://login.botframework.com/v1/.well-known/openidconfiguration";
/// What Microsoft's own libraries allow its clock to be off.
const CLOCK_SKEW: Duration = Duration::from_secs(300);
const MOST_SKEW: Duration = Duration::from_secs(900);

/// One bot.
#[derive(Debug)]
pub(crate) struct Settings {
    /// For whom tokens are made: the bot's application id.
    audiences: Vec<String>,
    /// Who makes them.
    issuers: Vec<String>,
    clock_skew: Duration,
    /// Words for a key of our own, with which samples are signed.
    simulation_key: Option<Secret>,
    /// The keys tokens are signed with.
    pub(crate) keys: Arc<PublishedKeys>,
    /// What a person reads who used a button of a card that waits for an answer.
    pub(crate) action_answer: String,
}

impl Settings {
    /// Reads them.
    pub(crate) fn read(settings: &mut Section<'_>) -> Self {
        let app_id = settings.required_text("app_id");
        if !app_id.is_empty() && !is_id(&app_id) {
            settings.fault("app_id", "expected the application id of the bot: 32 hexadecimal digits in five groups");
        }
        let issuers = match settings.texts("issuers") {
            none if none.is_empty() => vec![ISSUER.to_owned()],
            several => several,
        };
        let clock_skew = settings.duration("clock_skew", CLOCK_SKEW);
        if clock_skew > MOST_SKEW {
            settings.fault("clock_skew", "expected at most 15m");
        }
        let simulation_key = settings.secret("simulation_key");
        if simulation_key.as_ref().is_some_and(|key| !signature::is_token(key)) {
            settings.fault("simulation_key", "expected at least 20 characters without spaces: who guesses it can call");
        }
        Self {
            audiences: vec![app_id],
            issuers,
            clock_skew,
            simulation_key,
            keys: PublishedKeys::of(KeySource::metadata(settings, "openid_metadata", METADATA)),
            action_answer: settings.text("action_answer").unwrap_or_else(|| "OK".into()),
        }
    }

    /// The bot's application id.
    pub(crate) fn app_id(&self) -> &str {
        self.audiences.first().map(String::as_str).unwrap_or_default()
    }

    /// What a token has to say.
    pub(crate) fn rules(&self) -> TokenRules<'_> {
        TokenRules {
            header: "authorization",
            prefix: "Bearer ",
            body: None,
            issuers: &self.issuers,
            audiences: &self.audiences,
            clock_skew: self.clock_skew,
            own: self.simulation_key.as_ref(),
        }
    }
}

fn is_id(text: &str) -> bool {
    let groups: Vec<_> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
