//! A bot, and keys that sign tokens for it.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::{
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, SystemTime},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use connector_sdk::{
    Connector, RawRequest, Rejected, Section,
    keys::KeySet,
    settings::{self, Faults},
};
use connector_teams::CONNECTOR;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use ring::{
    rand::SystemRandom,
    signature::{self, EcdsaKeyPair, KeyPair as _, RsaKeyPair},
};
use serde_json::{Value, json};

pub(crate) const APP: &str = "00000000-0000-0000-0000-000000000010";
pub(crate) const ISSUER: &str = "https://api.botframework.com";
pub(crate) const SERVICE: &str = "https://smba.trafficmanager.net/emea/";
/// When calls come in, in seconds after 1970.
pub(crate) const NOW: u64 = 1_767_225_600;

/// A configured bot, and a call to it.
pub(crate) struct Bot(Box<dyn Connector>);

impl Bot {
    /// One with these settings beside its id.
    pub(crate) fn of(more: &str) -> Self {
        let mut faults = Faults::default();
        let node = settings::parse(&format!("app_id: {APP}\n{more}"), &mut faults);
        let mut section = Section::new(&node, "teams", &mut faults);
        let connector = (CONNECTOR.configure)(&mut section);
        section.finish();
        assert!(faults.sorted().is_empty());
        Self(connector)
    }

    /// One that knows no keys.
    pub(crate) fn unknowing() -> Self {
        Self::of("")
    }

    /// One that knows these.
    pub(crate) fn knowing(set: &str) -> Self {
        let bot = Self::unknowing();
        bot.learns(set);
        bot
    }

    /// The gateway has fetched a set.
    pub(crate) fn learns(&self, set: &str) {
        let set = KeySet::parse(set.as_bytes()).expect("a set with keys");
        self.0.published_keys().expect("it needs keys").replace(Arc::new(set));
    }

    /// What it says to an activity with this token.
    pub(crate) fn says(&self, token: &str) -> Result<(), Rejected> {
        self.presented(&[("Authorization", &format!("Bearer {token}"))])
    }

    /// The same with these headers.
    pub(crate) fn presented(&self, headers: &[(&str, &str)]) -> Result<(), Rejected> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).expect("a header name");
            map.append(name, HeaderValue::from_str(value).expect("a header value"));
        }
        let body = activity();
        let request = RawRequest {
            method: &Method::POST,
            query: "",
            headers: &map,
            body: body.as_bytes(),
            received_at: SystemTime::UNIX_EPOCH + Duration::from_secs(NOW),
        };
        self.0.verify(request).map(|_| ())
    }

    /// The headers of a simulated call.
    pub(crate) fn signed(&self) -> Vec<(&'static str, String)> {
        self.0.sign_at(activity().as_bytes(), SystemTime::UNIX_EPOCH + Duration::from_secs(NOW))
    }
}

fn activity() -> String {
    json!({"type": "message", "id": "1", "channelId": "msteams", "serviceUrl": SERVICE}).to_string()
}

/// A JWK set.
pub(crate) fn set(keys: &[Value]) -> String {
    json!({ "keys": keys }).to_string()
}

/// A key that signs tokens.
pub(crate) struct SigningKey {
    id: &'static str,
    pair: Pair,
}

enum Pair {
    Ec(Box<EcdsaKeyPair>),
    Rsa(Box<RsaKeyPair>),
}

impl SigningKey {
    pub(crate) fn es256(id: &'static str) -> Self {
        let scheme = &signature::ECDSA_P256_SHA256_FIXED_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(scheme, &SystemRandom::new()).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(scheme, document.as_ref(), &SystemRandom::new()).unwrap();
        Self { id, pair: Pair::Ec(pair.into()) }
    }

    /// Made by `openssl`: nothing else here can.
    pub(crate) fn rs256(id: &'static str) -> Self {
        let arguments = ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-outform", "DER"];
        let made = Command::new("openssl").args(arguments).stderr(Stdio::null()).output().expect("openssl can be run");
        assert!(made.status.success(), "openssl makes a key");
        // Versions of openssl differ in what they put around the key.
        let pair = RsaKeyPair::from_pkcs8(&made.stdout).or_else(|_| RsaKeyPair::from_der(&made.stdout)).unwrap();
        Self { id, pair: Pair::Rsa(pair.into()) }
    }

    /// As Microsoft publishes it.
    pub(crate) fn jwk(&self) -> Value {
        match &self.pair {
            Pair::Ec(pair) => {
                let (x, y) = pair.public_key().as_ref().split_at(33);
                let (x, y) = (base64(x.get(1..).unwrap()), base64(y));
                json!({"kty": "EC", "crv": "P-256", "kid": self.id, "use": "sig", "x": x, "y": y})
            }
            Pair::Rsa(pair) => {
                let public = signature::RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                let (n, e) = (base64(&public.n), base64(&public.e));
                json!({"kty": "RSA", "kid": self.id, "use": "sig", "n": n, "e": e, "endorsements": ["msteams"]})
            }
        }
    }

    /// A token with these claims.
    pub(crate) fn token(&self, claims: &Value) -> String {
        let algorithm = if matches!(self.pair, Pair::Ec(_)) { "ES256" } else { "RS256" };
        self.token_with(&json!({"typ": "JWT", "alg": algorithm, "kid": self.id, "x5t": self.id}), claims)
    }

    /// A token with a header of the caller's choice.
    pub(crate) fn token_with(&self, header: &Value, claims: &Value) -> String {
        let signed = [header, claims].map(|part| base64(part.to_string().as_bytes())).join(".");
        let signature = match &self.pair {
            Pair::Ec(pair) => pair.sign(&SystemRandom::new(), signed.as_bytes()).unwrap().as_ref().to_vec(),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                let scheme = &signature::RSA_PKCS1_SHA256;
                pair.sign(scheme, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
                signature
            }
        };
        format!("{signed}.{}", base64(&signature))
    }
}

fn base64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
