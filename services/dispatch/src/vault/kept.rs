//! What is kept of an account whose tokens are renewed: JSON, sealed.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    time::Duration,
};

use connector_sdk::{ExposeSecret as _, Secret, outbound::Pair, outbound::SendingAccount};
use kenh_store::RenewalFare;
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

/// The newest form there is.
const FORM: u32 = 1;
/// Tokens are renewed at least so often, also of accounts nobody sends from: refresh tokens end when they are not used.
const IDLE: Duration = Duration::from_secs(14 * 86_400);
/// Refresh tokens of the configuration that are remembered, so that an old one is not taken for a new consent.
const SEEDS: usize = 32;
/// How long after a refusal the channel is asked once more: it may have been the app's settings.
const REFUSED_AGAIN: Duration = Duration::from_secs(6 * 3600);

/// What is kept. Times are microseconds since 1970.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(super) form: u32,
    /// What calls carry.
    #[serde(with = "optional_secret", default, skip_serializing_if = "Option::is_none")]
    pub(crate) access: Option<Secret>,
    /// What renews it.
    #[serde(with = "secret")]
    pub(crate) refresh: Secret,
    /// When the access token ends, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires_at: Option<i64>,
    /// When it was renewed; never while it is what the configuration gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) renewed_at: Option<i64>,
    /// Counts the renewals.
    pub(crate) generation: u64,
    /// The refresh token before, until something has worked with the present pair.
    #[serde(with = "optional_secret", default, skip_serializing_if = "Option::is_none")]
    pub(crate) previous: Option<Secret>,
    /// Somebody is renewing it, or died while doing so: whether the refresh token is spent is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) intent: Option<i64>,
    /// The channel refused to renew it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) refused: Option<Refused>,
    /// Digests of the refresh tokens the configuration has given, newest last.
    pub(super) seeds: Vec<String>,
}

/// The channel refused.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Refused {
    /// When.
    pub(crate) at: i64,
    /// Its code.
    pub(crate) code: String,
}

/// When a token has to be renewed, beside its own age.
pub(crate) struct Need<'a> {
    /// Name of the account.
    pub(crate) name: &'a str,
    /// The access token the channel did not take.
    pub(crate) refused: Option<&'a Secret>,
    /// How long before its end a token is renewed.
    pub(crate) ahead: Duration,
    /// When this process started.
    pub(crate) started: i64,
    /// Now.
    pub(crate) now: i64,
}

// By hand: tokens.
impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kept").field("generation", &self.generation).finish_non_exhaustive()
    }
}

impl Kept {
    /// Reads it; `None` for what this version cannot read.
    pub(crate) fn read(plain: &[u8]) -> Option<Self> {
        serde_json::from_slice(plain).ok().filter(|kept: &Self| kept.form == FORM)
    }

    /// To be sealed.
    pub(crate) fn plain(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// What the configuration gives to begin with, or in place of what there was: a new consent. `None` where it gives
    /// nothing new.
    pub(crate) fn seeded(name: &str, configured: &SendingAccount, before: Option<&Self>) -> Option<Self> {
        let refresh = configured.refresh_token.clone()?;
        let seed = hex::encode(digest(&SHA256, format!("{name}\n{}", refresh.expose_secret()).as_bytes()).as_ref());
        let mut seeds = before.map(|kept| kept.seeds.clone()).unwrap_or_default();
        // Also an older one: while replicas are replaced some have the configuration from before.
        if seeds.contains(&seed) {
            return None;
        }
        seeds.push(seed);
        let excess = seeds.len().saturating_sub(SEEDS);
        seeds.drain(..excess);
        let generation = before.map_or(0, |kept| kept.generation.saturating_add(1));
        Some(Self {
            form: FORM,
            access: configured.token.clone(),
            refresh,
            expires_at: None,
            renewed_at: None,
            generation,
            previous: None,
            intent: None,
            refused: None,
            seeds,
        })
    }

    /// With a pair that a refresh token was spent for.
    pub(crate) fn renewed(&self, pair: &Pair, spent: &Secret, now: i64) -> Self {
        let lasts = pair.expires_in.map(|lasts| i64::try_from(lasts.as_micros()).unwrap_or(i64::MAX));
        Self {
            access: Some(pair.access.clone()),
            refresh: pair.refresh.clone().unwrap_or_else(|| spent.clone()),
            expires_at: lasts.map(|lasts| now.saturating_add(lasts)),
            renewed_at: Some(now),
            generation: self.generation.saturating_add(1),
            previous: pair.refresh.is_some().then(|| spent.clone()),
            intent: None,
            refused: None,
            ..self.clone()
        }
    }

    /// The access token, while it works as far as is known.
    pub(crate) fn usable(&self, refused: Option<&Secret>, now: i64) -> Option<&Secret> {
        let access = self.access.as_ref().filter(|access| !is(access, refused))?;
        self.expires_at.is_none_or(|end| end > now).then_some(access)
    }

    /// Whether it has to be renewed now.
    pub(crate) fn needs_renewal(&self, need: &Need<'_>) -> bool {
        if let Some(refused) = &self.refused {
            let again = refused.at.saturating_add(micros(REFUSED_AGAIN));
            return refused.at < need.started || again <= need.now;
        }
        self.intent.is_some()
            || self.access.as_ref().is_none_or(|access| is(access, need.refused))
            || self.due(need.name, need.ahead) <= need.now
    }

    /// When it is renewed through its age. The same in all processes; spread, so that not all accounts come at once.
    pub(crate) fn due(&self, name: &str, ahead: Duration) -> i64 {
        let Some(renewed) = self.renewed_at else { return 0 };
        let idle = renewed.saturating_add(micros(IDLE));
        let Some(end) = self.expires_at else { return idle };
        // Also a channel whose tokens end sooner than the time they are renewed ahead is not called all the time.
        let ahead = micros(ahead).min(end.saturating_sub(renewed) / 2);
        let mut hasher = DefaultHasher::new();
        (name, self.generation).hash(&mut hasher);
        let spread = i64::try_from(hasher.finish() % 1000).unwrap_or_default() * (ahead / 10_000);
        end.saturating_sub(ahead).saturating_sub(spread).min(idle)
    }

    /// What all may know.
    pub(crate) fn fare(&self) -> RenewalFare {
        RenewalFare {
            token_expires_at: self.expires_at,
            renewed_at: self.renewed_at,
            refused_at: self.refused.as_ref().map(|refused| refused.at),
            refused_code: self.refused.as_ref().map(|refused| refused.code.clone()),
        }
    }
}

/// Whether two secrets are the same.
pub(crate) fn is(secret: &Secret, other: Option<&Secret>) -> bool {
    other.is_some_and(|other| other.expose_secret() == secret.expose_secret())
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

mod secret {
    use connector_sdk::{ExposeSecret as _, Secret};
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(secret.expose_secret())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
        String::deserialize(deserializer).map(Secret::from)
    }
}

#[expect(clippy::ref_option, reason = "serde gives it so")]
mod optional_secret {
    use connector_sdk::{ExposeSecret, Secret};
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    pub(super) fn serialize<S: Serializer>(secret: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
        secret.as_ref().map(ExposeSecret::expose_secret).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
        Ok(Option::<String>::deserialize(deserializer)?.map(Secret::from))
    }
}
