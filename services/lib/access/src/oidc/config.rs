//! Settings: `access.oidc`.

use std::{path::PathBuf, time::Duration};

use connector_sdk::Section;
use jsonwebtoken::Algorithm;
use kenh_keys::trustworthy;
use reqwest::Url;

use crate::{Rights, client, quota::Quota};

/// Settings of the issuer.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// `iss` of its tokens, to the letter.
    pub(crate) issuer: String,
    /// One of these has to be in `aud`.
    pub(crate) audiences: Vec<String>,
    /// Where its keys are; asked of the issuer when absent.
    pub(crate) jwks_url: Option<Url>,
    /// Who signs the issuer's own certificate, PEM; beside those the system trusts.
    pub(crate) ca: Option<PathBuf>,
    /// The claim with the client's name.
    pub(crate) name_claim: String,
    /// The claim with rights or roles; dots go one level down.
    pub(crate) rights_claim: String,
    /// Rights by role. When there are any, the claim holds roles and no rights.
    pub(crate) roles: Vec<(String, Rights)>,
    /// Signatures that are taken.
    pub(crate) algorithms: Vec<Algorithm>,
    /// How far the issuer's clock may be off.
    pub(crate) clock_skew: Duration,
    /// How often the keys are asked for.
    pub(crate) refresh_every: Duration,
    /// How soon they are asked for again when a token names one that is not known.
    pub(crate) refresh_at_most_every: Duration,
    /// Bounds of each client.
    pub(crate) quota: Quota,
}

/// What may be allowed. Nothing with a shared secret: whoever can check such a token could make one.
const ALGORITHMS: &[(&str, Algorithm)] = &[
    ("RS256", Algorithm::RS256),
    ("RS384", Algorithm::RS384),
    ("RS512", Algorithm::RS512),
    ("PS256", Algorithm::PS256),
    ("PS384", Algorithm::PS384),
    ("PS512", Algorithm::PS512),
    ("ES256", Algorithm::ES256),
    ("ES384", Algorithm::ES384),
    ("EdDSA", Algorithm::EdDSA),
];
const USUAL: &[Algorithm] = &[Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA];
const EXPECTED: &str = "expected an https:// address, or an http:// one of this machine";
const MOST_SKEW: Duration = Duration::from_secs(300);

impl Config {
    /// Reads `oidc`; `None` when nothing is set.
    pub(crate) fn read(section: &mut Section<'_>) -> Option<Self> {
        let (issuer, audiences) = (section.text("issuer"), section.texts("audience"));
        let jwks_url = section.text("jwks_url");
        let clock_skew = section.duration("clock_skew", Duration::from_secs(30));
        if clock_skew > MOST_SKEW {
            section.fault("clock_skew", "expected at most 5m");
        }
        let roles = section.section("roles", |section| {
            let mut roles = Vec::new();
            section.each(|role, _, section| roles.push((role.to_owned(), client::rights(section, "rights"))));
            roles
        });
        let config = Self {
            issuer: issuer.clone().unwrap_or_default(),
            audiences,
            jwks_url: jwks_url.as_deref().and_then(trustworthy),
            ca: section.text("ca").map(PathBuf::from),
            name_claim: section.text("name_claim").unwrap_or_else(|| "sub".into()),
            rights_claim: section.text("rights_claim").unwrap_or_else(|| "scope".into()),
            roles,
            algorithms: algorithms(section),
            clock_skew,
            refresh_every: section.duration("refresh_every", Duration::from_secs(600)),
            refresh_at_most_every: section.duration("refresh_at_most_every", Duration::from_secs(10)),
            quota: section.section("quotas", Quota::read),
        };
        let Some(issuer) = issuer else {
            if jwks_url.is_some() || !config.audiences.is_empty() {
                section.fault("issuer", "is required as soon as another setting of `oidc` is set");
            }
            return None;
        };
        if config.audiences.is_empty() {
            section.fault("audience", "is required: a token for somebody else must not do here");
        }
        if trustworthy(&issuer).is_none() {
            section.fault("issuer", EXPECTED);
        }
        if jwks_url.is_some() && config.jwks_url.is_none() {
            section.fault("jwks_url", EXPECTED);
        }
        if config.refresh_every < Duration::from_secs(1) || config.refresh_at_most_every < Duration::from_millis(100) {
            section.fault("refresh_every", "expected at least 1s, and 100ms for refresh_at_most_every");
        }
        Some(config)
    }
}

fn algorithms(section: &mut Section<'_>) -> Vec<Algorithm> {
    let words = section.texts("algorithms");
    let known = |word: &String| ALGORITHMS.iter().find(|(name, _)| name == word).map(|(_, algorithm)| *algorithm);
    if words.iter().any(|word| known(word).is_none()) {
        let names: Vec<_> = ALGORITHMS.iter().map(|(name, _)| *name).collect();
        section.fault("algorithms", format!("expected some of: {}", names.join(", ")));
    }
    if words.is_empty() { USUAL.into() } else { words.iter().filter_map(known).collect() }
}
