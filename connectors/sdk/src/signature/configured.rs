//! A scheme of which everything is a setting: digest, coding, header, prefix, what is signed, time, keys.

use std::{
    str::FromStr as _,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use ring::signature::{ED25519, KeyPair as _, UnparsedPublicKey};
use secrecy::ExposeSecret as _;
use subtle::{Choice, ConstantTimeEq as _};

use super::{
    Algorithm, Coding, Proof, Rejected, Template, Verified, assembled::digest, key_pair, proven, template::Parts,
    timestamp::seconds, usable,
};
use crate::{RawRequest, Secret};

/// Signatures a header may list at most: what comes behind is not looked at.
const MOST_SIGNATURES: usize = 16;

/// How a channel signs.
#[derive(Debug, Clone)]
pub struct Configured {
    /// With what.
    pub keys: Keys,
    /// How the header writes a signature.
    pub coding: Coding,
    /// The header with the signature.
    pub header: &'static str,
    /// What stands before a signature: `sha256=`, `v1,`. A listed signature without it is not looked at.
    pub prefix: String,
    /// What stands between several signatures of one header.
    pub separator: Option<char>,
    /// In a header of pairs (`t=1,v1=ab`), the name of the signature; `separator` stands between the pairs.
    pub field: Option<String>,
    /// What is signed.
    pub signed: Template,
    /// The header with the id, where one is signed.
    pub id_header: Option<&'static str>,
    /// The time, where one is signed.
    pub clock: Option<Clock>,
}

/// What signatures are made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// HMAC, with a secret that is a text, or written in hexadecimal or base64.
    Hmac(Algorithm, Option<Coding>),
    /// Ed25519: public keys of 32 bytes in hexadecimal or base64, or `test:` and any words for a pair of our own.
    Ed25519,
    /// Standard Webhooks: `whsec_` and a secret in base64, whose signatures begin with `v1,`; `whpk_` and a public Ed25519 key
    /// in base64 (or `test:`), whose begin with `v1a,`. See <https://www.standardwebhooks.com>.
    Standard,
}

/// Where the signed time is, how it is written and how far it may be from now.
#[derive(Debug, Clone)]
pub struct Clock {
    /// Where.
    pub place: ClockPlace,
    /// How.
    pub format: TimeFormat,
    /// How far, in either direction.
    pub tolerance: Duration,
}

/// Where a signed time is.
#[derive(Debug, Clone)]
pub enum ClockPlace {
    /// In a header of its own.
    Header(&'static str),
    /// In the signature's header of pairs, by this name.
    Field(String),
}

/// How a signed time is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeFormat {
    /// Whole seconds since 1970.
    Seconds,
    /// Whole milliseconds since 1970.
    Millis,
    /// RFC 3339, with its offset from UTC.
    Rfc3339,
}

/// Whether a secret is one these keys can be.
pub fn is_key(keys: Keys, secret: &Secret) -> bool {
    matches!(Key::of(keys, secret), Some(key) if key.is_long_enough())
}

/// Whether a configured scheme proves the request, with any of the secrets.
pub fn verify_configured<'a>(
    request: RawRequest<'a>,
    scheme: &Configured,
    secrets: &[Secret],
) -> Result<Verified<'a>, Rejected> {
    usable(secrets)?;
    let value = request.header(scheme.header).ok_or(Rejected::SignatureMissing)?.trim();
    let timestamp = scheme.timestamp(&request, value)?;
    let id = match scheme.id_header {
        Some(header) => request.header(header).ok_or(Rejected::SignedPartMissing)?,
        None => "",
    };
    if scheme.id_header.is_some() && !scheme.signed.takes_id(id) {
        return Err(Rejected::SignedPartMissing);
    }
    let presented = scheme.presented(value);
    if presented.is_empty() {
        return Err(Rejected::SignatureMalformed);
    }
    let base = scheme.signed.assembled(&Parts { body: request.body, id, timestamp });
    // Everything is tried, so that the time does not tell which one matched.
    let mut matches = Choice::from(0);
    for secret in secrets {
        let key = Key::of(scheme.keys, secret).ok_or(Rejected::NoSecret)?;
        for (version, signature) in &presented {
            matches |= key.matches(*version, &base, signature);
        }
    }
    proven(request, Proof::Signature, matches).ok_or(Rejected::SignatureMismatch)
}

/// The headers [`verify_configured`] accepts for this body at this time; none for a public key that is not ours.
pub fn sign_configured(
    body: &[u8],
    scheme: &Configured,
    at: SystemTime,
    secret: &Secret,
) -> Vec<(&'static str, String)> {
    let Some(key) = Key::of(scheme.keys, secret) else { return Vec::new() };
    let timestamp = scheme.clock.as_ref().map(|clock| clock.format.written(at)).unwrap_or_default();
    // The same body has the same id, as a channel's repeat has.
    let id = format!("msg_{}", hex::encode(super::sha256(&[body])).get(..24).unwrap_or_default());
    let base = scheme.signed.assembled(&Parts { body, id: &id, timestamp: &timestamp });
    let Some((version, signature)) = key.signed(&base) else { return Vec::new() };
    let signature = format!("{}{version}{}", scheme.prefix, scheme.coding.written(&signature));
    let mut headers = Vec::new();
    let value = match (&scheme.field, scheme.clock.as_ref().map(|clock| &clock.place)) {
        (None, _) => signature,
        (Some(field), Some(ClockPlace::Field(time))) => {
            format!("{time}={timestamp}{}{field}={signature}", scheme.between())
        }
        (Some(field), Some(ClockPlace::Header(_)) | None) => format!("{field}={signature}"),
    };
    headers.extend(scheme.id_header.map(|header| (header, id)));
    if let Some(ClockPlace::Header(header)) = scheme.clock.as_ref().map(|clock| &clock.place) {
        headers.push((*header, timestamp));
    }
    headers.push((scheme.header, value));
    headers
}

impl Configured {
    fn between(&self) -> char {
        self.separator.unwrap_or(',')
    }

    /// The pairs of a header of that form, by name.
    fn pairs<'v>(&self, value: &'v str, name: &str) -> impl Iterator<Item = &'v str> {
        let pairs = value.split(self.between()).filter_map(|pair| pair.trim().split_once('='));
        pairs.filter(move |(key, _)| *key == name).map(|(_, value)| value)
    }

    /// The signatures of the header, decoded, each with the version before it where there are versions.
    fn presented(&self, value: &str) -> Vec<(Version, Vec<u8>)> {
        let listed: Vec<&str> = match (&self.field, self.separator) {
            (Some(field), _) => self.pairs(value, field).take(MOST_SIGNATURES).collect(),
            (None, Some(separator)) => value.split(separator).map(str::trim).take(MOST_SIGNATURES).collect(),
            (None, None) => vec![value],
        };
        let read = |text: &str| {
            let text = text.strip_prefix(self.prefix.as_str())?;
            let (version, text) = match self.keys {
                Keys::Standard => Version::split(text)?,
                Keys::Hmac(..) | Keys::Ed25519 => (Version::None, text),
            };
            Some((version, self.coding.read(text)?))
        };
        listed.into_iter().filter_map(read).collect()
    }

    /// The time as sent, where one is signed and is near enough; nothing else marks its end, so its form is strict.
    fn timestamp<'r>(&self, request: &RawRequest<'r>, value: &'r str) -> Result<&'r str, Rejected> {
        let Some(clock) = &self.clock else { return Ok("") };
        let text = match &clock.place {
            ClockPlace::Header(header) => request.header(header),
            ClockPlace::Field(name) => {
                let mut found = self.pairs(value, name);
                found.next().filter(|_| found.next().is_none())
            }
        };
        let text = text.ok_or(Rejected::TimestampMissing)?;
        let signed = clock.format.read(text).ok_or(Rejected::TimestampMissing)?;
        let now = request.received_at.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let apart = i128::try_from(now).unwrap_or(i128::MAX).abs_diff(signed);
        // Whole seconds, as channels count them.
        if apart / 1000 > u128::from(clock.tolerance.as_secs()) { Err(Rejected::Stale) } else { Ok(text) }
    }
}

impl TimeFormat {
    /// Milliseconds since 1970.
    fn read(self, text: &str) -> Option<i128> {
        let digits = || text.parse::<u64>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
        match self {
            Self::Seconds => Some(i128::from(digits()?) * 1000),
            Self::Millis => digits().map(i128::from),
            Self::Rfc3339 => {
                let strict = text.len() <= 35
                    && text
                        .bytes()
                        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b':' | b'.' | b'+' | b'T' | b'Z'));
                let time = jiff::Timestamp::from_str(text).ok().filter(|_| strict)?;
                Some(i128::from(time.as_millisecond()))
            }
        }
    }

    fn written(self, at: SystemTime) -> String {
        match self {
            Self::Seconds => seconds(at).to_string(),
            Self::Millis => at.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis().to_string(),
            Self::Rfc3339 => {
                let time = i64::try_from(seconds(at)).ok().and_then(|at| jiff::Timestamp::from_second(at).ok());
                time.unwrap_or_default().to_string()
            }
        }
    }
}

/// What stands before a signature of Standard Webhooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    None,
    Symmetric,
    Asymmetric,
}

impl Version {
    fn split(text: &str) -> Option<(Self, &str)> {
        match text.split_once(',')? {
            ("v1", rest) => Some((Self::Symmetric, rest)),
            ("v1a", rest) => Some((Self::Asymmetric, rest)),
            _ => None,
        }
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::None => "",
            Self::Symmetric => "v1,",
            Self::Asymmetric => "v1a,",
        })
    }
}

/// A secret, read.
enum Key {
    Hmac(Version, Algorithm, Vec<u8>),
    /// The public key, and the pair where it is our own.
    Public(Version, Vec<u8>, Option<ring::signature::Ed25519KeyPair>),
}

impl Key {
    fn of(keys: Keys, secret: &Secret) -> Option<Self> {
        let text = secret.expose_secret();
        match keys {
            Keys::Hmac(algorithm, coding) => {
                let bytes = coding.map_or_else(|| Some(text.as_bytes().to_vec()), |coding| coding.read(text.trim()))?;
                Some(Self::Hmac(Version::None, algorithm, bytes))
            }
            Keys::Ed25519 => Self::public(Version::None, secret, text),
            Keys::Standard => match text.strip_prefix("whsec_") {
                Some(rest) => {
                    Some(Self::Hmac(Version::Symmetric, Algorithm::Sha256, Coding::Base64.read(rest.trim())?))
                }
                None => Self::public(Version::Asymmetric, secret, text.strip_prefix("whpk_").unwrap_or(text)),
            },
        }
    }

    fn public(version: Version, secret: &Secret, text: &str) -> Option<Self> {
        if let Some(pair) = key_pair::own(secret) {
            return Some(Self::Public(version, pair.public_key().as_ref().to_vec(), Some(pair)));
        }
        let text = text.trim();
        let bytes = Coding::Hex.read(text).filter(|_| text.len() == 64).or_else(|| Coding::Base64.read(text))?;
        (bytes.len() == 32).then_some(Self::Public(version, bytes, None))
    }

    fn is_long_enough(&self) -> bool {
        match self {
            // The specification says 24 to 64 bytes; nobody's HMAC is worth anything without a byte.
            Self::Hmac(Version::Symmetric, _, bytes) => (24..=64).contains(&bytes.len()),
            Self::Hmac(_, _, bytes) => !bytes.is_empty(),
            Self::Public(..) => true,
        }
    }

    fn matches(&self, version: Version, base: &[u8], signature: &[u8]) -> Choice {
        match self {
            Self::Hmac(own, algorithm, key) if *own == version => digest(*algorithm, key, base).ct_eq(signature),
            Self::Public(own, key, _) if *own == version => {
                let right = UnparsedPublicKey::new(&ED25519, key).verify(base, signature).is_ok();
                Choice::from(u8::from(right))
            }
            Self::Hmac(..) | Self::Public(..) => Choice::from(0),
        }
    }

    fn signed(&self, base: &[u8]) -> Option<(Version, Vec<u8>)> {
        match self {
            Self::Hmac(version, algorithm, key) => Some((*version, digest(*algorithm, key, base))),
            Self::Public(version, _, pair) => Some((*version, pair.as_ref()?.sign(base).as_ref().to_vec())),
        }
    }
}
