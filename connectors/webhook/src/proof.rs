//! How calls are proven: a scheme of the SDK, chosen and filled in by settings.

mod published;
mod read;

use std::{sync::Arc, time::SystemTime};

use connector_sdk::{
    ExposeSecret as _, RawRequest, Rejected, Secret, Section, TOKEN_HEADER, Verified,
    keys::PublishedKeys,
    signature::{self, Bearer, Configured},
};

use self::published::Published;

/// How the calls of an endpoint are proven.
#[derive(Debug)]
pub struct Proof {
    scheme: Scheme,
    /// Several while one is being replaced.
    secrets: Vec<Secret>,
}

#[derive(Debug)]
enum Scheme {
    /// A signature.
    Signed(Box<Configured>),
    /// A signed token.
    Bearer(Box<Bearer>),
    /// A token signed with a key that its issuer publishes.
    Published(Box<Published>),
    /// A name and a password.
    Basic(String),
    /// A secret token: in the address, or in a header behind a prefix.
    Token(Option<(&'static str, String)>),
}

impl Proof {
    /// Reads `verify`.
    pub fn read(settings: &mut Section<'_>) -> Option<Self> {
        read::read(settings)
    }

    /// Whether the channel made the request.
    pub fn verify<'a>(&self, request: RawRequest<'a>) -> Result<Verified<'a>, Rejected> {
        match &self.scheme {
            Scheme::Signed(scheme) => signature::verify_configured(request, scheme, &self.secrets),
            Scheme::Bearer(rules) => signature::jwt(request, rules, &self.secrets),
            Scheme::Published(published) => published.verify(request),
            Scheme::Basic(user) => signature::basic(request, user, &self.secrets),
            Scheme::Token(None) => signature::token(request, TOKEN_HEADER, &self.secrets),
            Scheme::Token(Some((header, prefix))) => {
                // Behind a prefix, each secret is expected with it.
                let whole = |secret: &Secret| Secret::from(format!("{prefix}{}", secret.expose_secret()));
                let secrets: Vec<Secret> = self.secrets.iter().map(whole).collect();
                signature::token(request, header, &secrets)
            }
        }
    }

    /// The headers the channel would put on a body.
    pub fn sign(&self, body: &[u8], at: SystemTime) -> Vec<(&'static str, String)> {
        if let Scheme::Published(published) = &self.scheme {
            return published.sign(body, at);
        }
        let Some(secret) = self.secrets.first() else { return Vec::new() };
        match &self.scheme {
            Scheme::Signed(scheme) => signature::sign_configured(body, scheme, at, secret),
            Scheme::Bearer(rules) => signature::sign_jwt(body, rules, at, secret).into_iter().collect(),
            Scheme::Published(_) => Vec::new(),
            Scheme::Basic(user) => vec![signature::sign_basic(user, secret)],
            Scheme::Token(None) => vec![(TOKEN_HEADER, secret.expose_secret().into())],
            Scheme::Token(Some((header, prefix))) => vec![(header, format!("{prefix}{}", secret.expose_secret()))],
        }
    }

    /// The keys it takes of an issuer.
    pub fn published_keys(&self) -> Option<&Arc<PublishedKeys>> {
        match &self.scheme {
            Scheme::Published(published) => Some(&published.keys),
            Scheme::Signed(_) | Scheme::Bearer(_) | Scheme::Basic(_) | Scheme::Token(_) => None,
        }
    }

    /// The headers that hold a secret as it is: whoever sees one can make calls.
    pub fn secret_headers(&self) -> Vec<&'static str> {
        match &self.scheme {
            Scheme::Signed(_) => Vec::new(),
            Scheme::Bearer(rules) => vec![rules.header],
            Scheme::Published(published) => vec![published.header],
            Scheme::Basic(_) => vec!["authorization"],
            Scheme::Token(None) => vec![TOKEN_HEADER],
            Scheme::Token(Some((header, _))) => vec![header],
        }
    }

    /// The headers that prove a call. Secret tokens are not among them: they are kept nowhere.
    pub fn headers(&self) -> Vec<&'static str> {
        let Scheme::Signed(scheme) = &self.scheme else { return Vec::new() };
        let clock = scheme.clock.as_ref().and_then(|clock| match clock.place {
            signature::ClockPlace::Header(header) => Some(header),
            signature::ClockPlace::Field(_) => None,
        });
        [Some(scheme.header), scheme.id_header, clock].into_iter().flatten().collect()
    }
}
