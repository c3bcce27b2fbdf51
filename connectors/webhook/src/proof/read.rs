//! The settings of a proof: a scheme by name, and what it leaves open.

use std::time::Duration;

use connector_sdk::{
    ExposeSecret as _, Secret, Section,
    signature::{
        Algorithm, Bearer, BearerKey, BodyClaim, Clock, ClockPlace, Coding, Configured, Keys, Template, TimeFormat,
        is_bearer_key, is_key,
    },
};

use super::{Proof, Scheme, published::Published};
use crate::settings::header;

#[derive(Clone, Copy)]
enum Name {
    Hmac,
    Standard,
    GitHub,
    Zendesk,
    Ed25519,
    Jwt,
    Jwks,
    Basic,
    Token,
}

const NAMES: &[(&str, Option<Name>)] = &[
    ("hmac", Some(Name::Hmac)),
    ("standard_webhooks", Some(Name::Standard)),
    ("github", Some(Name::GitHub)),
    ("zendesk", Some(Name::Zendesk)),
    ("ed25519", Some(Name::Ed25519)),
    ("jwt", Some(Name::Jwt)),
    ("jwks", Some(Name::Jwks)),
    ("basic", Some(Name::Basic)),
    ("token", Some(Name::Token)),
];

/// How far the clocks may be apart where nothing else is said: what the libraries of Standard Webhooks take.
const TOLERANCE: Duration = Duration::from_secs(300);
/// By how much clocks may differ from those of who makes tokens.
pub(super) const LEEWAY: Duration = Duration::from_secs(60);
/// A replay window of more than this is none.
const LONGEST_TOLERANCE: Duration = Duration::from_secs(24 * 3600);
/// Characters a secret token has at least.
const SHORTEST_TOKEN: usize = 20;

pub(super) fn read(settings: &mut Section<'_>) -> Option<Proof> {
    let Some(name) = settings.choice("scheme", NAMES, None) else {
        let known: Vec<_> = NAMES.iter().map(|(name, _)| *name).collect();
        settings.fault("scheme", format!("is required, one of: {}", known.join(", ")));
        for key in KEYS {
            settings.ignore(key);
        }
        return None;
    };
    let scheme = match name {
        Name::Hmac => hmac(settings),
        Name::Ed25519 => ed25519(settings),
        Name::Standard => standard(settings),
        Name::GitHub => github(),
        Name::Zendesk => zendesk(settings),
        Name::Jwt => jwt(settings),
        Name::Jwks => Scheme::Published(Box::new(Published::read(settings))),
        Name::Basic => Scheme::Basic(settings.required_text("user")),
        Name::Token => token(settings),
    };
    let (is_right, wanted): (fn(&Scheme, &Secret) -> bool, _) = match name {
        Name::Hmac | Name::GitHub | Name::Zendesk => (is_signing_key, "expected a secret as `secret_coding` says"),
        Name::Standard => {
            (is_signing_key, "expected `whsec_` and 24 to 64 bytes in base64, or `whpk_` and a public key")
        }
        Name::Ed25519 => (is_signing_key, "expected a public key of 32 bytes in hexadecimal or base64"),
        Name::Jwt => (is_bearer, "expected a secret for HS256, else a public key in PEM (`BEGIN PUBLIC KEY`)"),
        // The issuer has the secrets.
        Name::Jwks => return Some(Proof { scheme, secrets: Vec::new() }),
        Name::Basic => (|_, secret| !secret.expose_secret().is_empty(), "expected a password"),
        Name::Token => (
            |_, secret| secret.expose_secret().len() >= SHORTEST_TOKEN,
            "expected a token of at least 20 characters: it is all that proves a call",
        ),
    };
    let secrets = settings.required_secrets("secrets");
    if !secrets.iter().all(|secret| is_right(&scheme, secret)) {
        settings.fault("secrets", wanted);
    }
    Some(Proof { scheme, secrets })
}

/// Everything a scheme may have, so that a wrong name of the scheme is the only fault.
const KEYS: &[&str] = &[
    "secrets",
    "hash",
    "encoding",
    "header",
    "prefix",
    "separator",
    "field",
    "signed",
    "timestamp_header",
    "timestamp_field",
    "timestamp_format",
    "tolerance",
    "id_header",
    "secret_coding",
    "algorithm",
    "issuer",
    "audience",
    "body_claim",
    "jwks_url",
    "openid_metadata",
    "simulation_key",
    "user",
];

fn is_signing_key(scheme: &Scheme, secret: &Secret) -> bool {
    matches!(scheme, Scheme::Signed(scheme) if is_key(scheme.keys, secret))
}

fn is_bearer(scheme: &Scheme, secret: &Secret) -> bool {
    matches!(scheme, Scheme::Bearer(rules) if is_bearer_key(rules.key, secret))
}

fn hmac(settings: &mut Section<'_>) -> Scheme {
    let hashes = [("sha1", Algorithm::Sha1), ("sha256", Algorithm::Sha256), ("sha512", Algorithm::Sha512)];
    let hash = settings.choice("hash", &hashes, Algorithm::Sha256);
    let codings = [("text", None), ("hex", Some(Coding::Hex)), ("base64", Some(Coding::Base64))];
    let coding = settings.choice("secret_coding", &codings, None);
    signed(settings, Keys::Hmac(hash, coding))
}

fn ed25519(settings: &mut Section<'_>) -> Scheme {
    signed(settings, Keys::Ed25519)
}

/// What the schemes whose form is all settings have in common.
fn signed(settings: &mut Section<'_>, keys: Keys) -> Scheme {
    let coding = settings.choice("encoding", &[("hex", Coding::Hex), ("base64", Coding::Base64)], Coding::Hex);
    let name = settings.required_text("header");
    let header = if name.is_empty() { "x-unnamed" } else { header(settings, "header", &name) };
    let template = settings.text("signed").map_or_else(Template::body, |text| {
        Template::parse(&text).unwrap_or_else(|wrong| {
            settings.fault("signed", wrong);
            Template::body()
        })
    });
    let field = settings.text("field");
    let separator = settings.text("separator").and_then(|text| {
        let mut signs = text.chars();
        let one = signs.next().filter(|_| signs.next().is_none());
        if one.is_none() {
            settings.fault("separator", "expected one character");
        }
        one
    });
    let id_header = settings.text("id_header").map(|name| self::header(settings, "id_header", &name));
    if template.has_id() != id_header.is_some() {
        settings.fault("id_header", "expected where, and only where, `signed` has {id}");
    }
    let clock = clock(settings, field.is_some());
    if template.has_timestamp() != clock.is_some() {
        let wanted = "expected timestamp_header, or timestamp_field beside `field`, where and only where `signed` has {timestamp}";
        settings.fault("timestamp_header", wanted);
    }
    let prefix = settings.text("prefix").unwrap_or_default();
    Scheme::Signed(Box::new(Configured {
        keys,
        coding,
        header,
        prefix,
        separator,
        field,
        signed: template,
        id_header,
        clock,
    }))
}

fn clock(settings: &mut Section<'_>, pairs: bool) -> Option<Clock> {
    let header = settings.text("timestamp_header").map(|name| header(settings, "timestamp_header", &name));
    let field = if pairs { settings.text("timestamp_field") } else { None };
    let formats = [("unix", TimeFormat::Seconds), ("unix_ms", TimeFormat::Millis), ("rfc3339", TimeFormat::Rfc3339)];
    let format = settings.choice("timestamp_format", &formats, TimeFormat::Seconds);
    let tolerance = tolerance(settings);
    let place = match (header, field) {
        (None, None) => return None,
        (Some(header), None) => ClockPlace::Header(header),
        (None, Some(field)) => ClockPlace::Field(field),
        (Some(_), Some(field)) => {
            settings.fault("timestamp_field", "expected this or timestamp_header, not both");
            ClockPlace::Field(field)
        }
    };
    Some(Clock { place, format, tolerance })
}

fn tolerance(settings: &mut Section<'_>) -> Duration {
    let tolerance = settings.duration("tolerance", TOLERANCE);
    if tolerance < Duration::from_secs(1) || tolerance > LONGEST_TOLERANCE {
        settings.fault("tolerance", "expected 1s to 24h");
    }
    tolerance
}

/// A scheme whose header and form are known.
fn known(keys: Keys, coding: Coding, header: &'static str, signed: &str) -> Configured {
    Configured {
        keys,
        coding,
        header,
        prefix: String::new(),
        separator: None,
        field: None,
        signed: Template::parse(signed).unwrap_or_else(|_| Template::body()),
        id_header: None,
        clock: None,
    }
}

/// Standard Webhooks 1.0: <https://www.standardwebhooks.com>.
fn standard(settings: &mut Section<'_>) -> Scheme {
    let clock = Clock {
        place: ClockPlace::Header("webhook-timestamp"),
        format: TimeFormat::Seconds,
        tolerance: tolerance(settings),
    };
    let scheme = known(Keys::Standard, Coding::Base64, "webhook-signature", "{id}.{timestamp}.{body}");
    let (separator, id_header) = (Some(' '), Some("webhook-id"));
    Scheme::Signed(Box::new(Configured { separator, id_header, clock: Some(clock), ..scheme }))
}

/// As GitHub signs: <https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries>.
fn github() -> Scheme {
    let keys = Keys::Hmac(Algorithm::Sha256, None);
    let scheme = known(keys, Coding::Hex, "X-Hub-Signature-256", "{body}");
    Scheme::Signed(Box::new(Configured { prefix: "sha256=".into(), ..scheme }))
}

/// As Zendesk signs: <https://developer.zendesk.com/documentation/webhooks/verifying/>. No separator: the form of the time
/// says where it ends.
fn zendesk(settings: &mut Section<'_>) -> Scheme {
    let clock = Clock {
        place: ClockPlace::Header("X-Zendesk-Webhook-Signature-Timestamp"),
        format: TimeFormat::Rfc3339,
        tolerance: tolerance(settings),
    };
    let keys = Keys::Hmac(Algorithm::Sha256, None);
    let scheme = known(keys, Coding::Base64, "X-Zendesk-Webhook-Signature", "{timestamp}{body}");
    Scheme::Signed(Box::new(Configured { clock: Some(clock), ..scheme }))
}

fn jwt(settings: &mut Section<'_>) -> Scheme {
    let algorithms = [("HS256", BearerKey::Hs256), ("RS256", BearerKey::Rs256), ("ES256", BearerKey::Es256)];
    let algorithms = algorithms.map(|(name, key)| (name, Some(key)));
    let key = settings.choice("algorithm", &algorithms, None).unwrap_or_else(|| {
        settings.fault("algorithm", "is required, one of: HS256, RS256, ES256");
        BearerKey::Hs256
    });
    let (header, prefix) = place(settings);
    let body = body_claim(settings);
    let (issuer, audience) = (settings.text("issuer"), settings.text("audience"));
    let leeway = settings.duration("tolerance", LEEWAY);
    Scheme::Bearer(Box::new(Bearer { header, prefix, key, issuer, audience, leeway, body }))
}

/// Where a signed token is: a bearer token where nothing else is said, in a header of its own as it is.
pub(super) fn place(settings: &mut Section<'_>) -> (&'static str, String) {
    let (name, prefix) = (settings.text("header"), settings.text("prefix"));
    let usual = if name.is_some() { "" } else { "Bearer " };
    let name = name.unwrap_or_else(|| "authorization".into());
    (header(settings, "header", &name), prefix.unwrap_or_else(|| usual.into()))
}

/// The claim of a signed token that covers the body.
pub(super) fn body_claim(settings: &mut Section<'_>) -> Option<BodyClaim> {
    let codings = [("hex", Coding::Hex), ("base64", Coding::Base64)];
    let coding = settings.choice("encoding", &codings, Coding::Hex);
    settings.text("body_claim").map(|name| BodyClaim { name, coding })
}

fn token(settings: &mut Section<'_>) -> Scheme {
    let name = settings.text("header");
    let prefix = settings.text("prefix").unwrap_or_default();
    Scheme::Token(name.map(|name| (header(settings, "header", &name), prefix)))
}
