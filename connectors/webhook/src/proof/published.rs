//! Tokens signed with a key that their issuer publishes (JWKS).

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use connector_sdk::{
    RawRequest, Rejected, Secret, Section, Verified, address,
    keys::{KeySource, PublishedKeys},
    signature::{self, BodyClaim, TokenRules},
};

use super::read;

/// What a token has to say, and where the keys are.
#[derive(Debug)]
pub(super) struct Published {
    pub(super) keys: Arc<PublishedKeys>,
    pub(super) header: &'static str,
    prefix: String,
    issuers: Vec<String>,
    audiences: Vec<String>,
    leeway: Duration,
    body: Option<BodyClaim>,
    /// Signs samples, in the place of the issuer.
    simulation_key: Option<Secret>,
}

impl Published {
    /// Reads where the keys are and what a token has to say. Whom it is for is required: an issuer also makes tokens for others.
    pub(super) fn read(settings: &mut Section<'_>) -> Self {
        let metadata = settings.text("openid_metadata").is_some();
        let source = if metadata {
            settings.ignore("jwks_url");
            KeySource::Metadata(address::api(settings, "openid_metadata", ""))
        } else {
            KeySource::Set(address::api(settings, "jwks_url", ""))
        };
        let (header, prefix) = read::place(settings);
        Self {
            keys: PublishedKeys::of(source),
            header,
            prefix,
            issuers: vec![settings.required_text("issuer")],
            audiences: vec![settings.required_text("audience")],
            leeway: settings.duration("tolerance", read::LEEWAY),
            body: read::body_claim(settings),
            simulation_key: settings.secret("simulation_key"),
        }
    }

    fn rules(&self) -> TokenRules<'_> {
        TokenRules {
            header: self.header,
            prefix: &self.prefix,
            issuers: &self.issuers,
            audiences: &self.audiences,
            clock_skew: self.leeway,
            body: self.body.as_ref(),
            own: self.simulation_key.as_ref(),
        }
    }

    pub(super) fn verify<'a>(&self, request: RawRequest<'a>) -> Result<Verified<'a>, Rejected> {
        signature::jwt_published(request, &self.keys, &self.rules(), |_| true)
    }

    pub(super) fn sign(&self, body: &[u8], at: SystemTime) -> Vec<(&'static str, String)> {
        signature::sign_jwt_own(body, &self.rules(), [], at).into_iter().collect()
    }
}
