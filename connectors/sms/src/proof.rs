//! How calls are proven, by scheme. A provider's table names one of these.

mod esms;
mod plivo;

use std::time::{Duration, SystemTime};

use connector_sdk::{
    ExposeSecret as _, RawRequest, Rejected, Secret, TOKEN_HEADER, Verified,
    signature::{self, Algorithm, Claims, Coding, SignatureHeader, Timestamped},
};

pub(crate) use self::{esms::ESMS, plivo::PLIVO};
use crate::settings::Settings;

/// A setting only some schemes have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Setting {
    /// The address is signed: `public_url`.
    PublicUrl,
    /// Messages are signed with keys of their own: `message_keys`.
    MessageKeys,
    /// There is a form that covers no body: `unsigned_bodies` takes it.
    UnsignedBodies,
    /// Nobody calls: the gateway has a session with a message centre, `smpp`.
    Session,
}

/// The headers a provider would send.
type Sign = fn(&Settings, &[u8], SystemTime) -> Vec<(&'static str, String)>;

/// A scheme.
#[derive(Debug)]
pub(crate) struct Scheme {
    /// Proves a call.
    pub(crate) verify: for<'a> fn(&Settings, RawRequest<'a>) -> Result<Verified<'a>, Rejected>,
    /// The headers the provider would send.
    pub(crate) sign: Sign,
    /// Headers to keep with the bytes of a call. Never a token.
    pub(crate) headers: &'static [&'static str],
    /// Whether it signs, as opposed to knowing a token.
    pub(crate) signs: bool,
    /// Settings of its own.
    pub(crate) settings: &'static [Setting],
    /// Whether a secret can be one.
    pub(crate) is_secret: fn(&Secret) -> bool,
    /// What is wrong with one that cannot.
    pub(crate) wanted: &'static str,
}

/// The provider signs nothing: a secret token in the address, or as the password of `Authorization: Basic`.
pub(crate) const TOKEN: Scheme = Scheme {
    verify: |settings, request| signature::token_or_password(request, &settings.secrets),
    sign: |settings, _, _| token(settings),
    headers: &[],
    signs: false,
    settings: &[],
    is_secret: signature::is_token,
    wanted: "expected tokens of at least 20 characters that an address can hold: nothing else proves a call",
};

/// Nobody calls, so there is nothing that proves a call.
pub(crate) const SESSION: Scheme = Scheme {
    verify: |_, _| Err(Rejected::NoSecret),
    sign: |_, _, _| Vec::new(),
    settings: &[Setting::Session],
    ..TOKEN
};

fn token(settings: &Settings) -> Vec<(&'static str, String)> {
    let token = settings.secrets.first();
    token.map(|token| (TOKEN_HEADER, token.expose_secret().to_owned())).into_iter().collect()
}

const SIGNED: Scheme = Scheme { signs: true, is_secret: |_| true, wanted: "expected secrets", ..TOKEN };

/// A time's distance from now that is still believed.
const TOLERANCE: Duration = Duration::from_secs(300);

const TELNYX_SIGNATURE: SignatureHeader = SignatureHeader { name: "telnyx-signature-ed25519", coding: Coding::Base64 };
const TELNYX_TIME: Timestamped =
    Timestamped { header: "telnyx-timestamp", before: "", between: "|", tolerance: TOLERANCE };

/// Telnyx: Ed25519 over time and body.
pub(crate) const TELNYX: Scheme = Scheme {
    verify: |settings, request| {
        signature::ed25519_timestamped(request, TELNYX_SIGNATURE, &TELNYX_TIME, &settings.secrets)
    },
    sign: |settings, body, at| {
        let key = settings.secrets.first();
        let signed =
            key.and_then(|key| signature::sign_ed25519_timestamped(body, TELNYX_SIGNATURE, &TELNYX_TIME, at, key));
        signed.into_iter().flatten().collect()
    },
    headers: &[TELNYX_SIGNATURE.name, TELNYX_TIME.header],
    is_secret: signature::is_ed25519_key,
    wanted: "expected public keys of 32 bytes in base64, as Telnyx shows them",
    ..SIGNED
};

fn vonage(settings: &Settings) -> Claims<'_> {
    Claims { issuer: "Vonage", api_key: Some(settings.user.as_str()), tolerance: TOLERANCE }
}

/// Vonage: a JWT that names the digest of the body.
pub(crate) const VONAGE: Scheme = Scheme {
    verify: |settings, request| signature::jwt_hs256(request, &vonage(settings), &settings.secrets),
    sign: |settings, body, at| {
        let secret = settings.secrets.first();
        secret.map(|secret| signature::sign_jwt_hs256(body, &vonage(settings), at, secret)).into_iter().collect()
    },
    headers: &["authorization"],
    ..SIGNED
};

const STRINGEE_SIGNATURE: &str = "x-stringee-signature";

/// Stringee: HMAC-SHA1 of the body.
pub(crate) const STRINGEE: Scheme = Scheme {
    verify: |settings, request| {
        signature::hmac_of_body(request, STRINGEE_SIGNATURE, Algorithm::Sha1, &settings.secrets)
    },
    sign: |settings, body, _| {
        let sign = |secret| signature::sign_hmac_of_body(body, STRINGEE_SIGNATURE, Algorithm::Sha1, secret);
        settings.secrets.first().map(sign).into_iter().collect()
    },
    headers: &[STRINGEE_SIGNATURE],
    ..SIGNED
};

/// Twilio: HMAC of the address and the parameters.
pub(crate) const TWILIO: Scheme = Scheme {
    verify: |settings, request| signature::twilio(request, &settings.public_url, &settings.secrets),
    sign: |settings, body, _| {
        let sign = |secret| signature::sign_twilio(body, &settings.public_url, secret);
        settings.secrets.first().map(sign).into_iter().collect()
    },
    headers: signature::TWILIO_HEADERS,
    settings: &[Setting::PublicUrl],
    ..SIGNED
};
