//! An OpenID Connect issuer on this machine: its documents over HTTP, and tokens.

use std::{
    process::{Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    hmac,
    rand::SystemRandom,
    signature::{self, EcdsaKeyPair, KeyPair as _, RsaKeyPair},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    task::JoinHandle,
};

use crate::{leaks, ports};

/// A key that signs tokens.
#[derive(Debug)]
pub struct SigningKey {
    /// Its id.
    pub id: String,
    pair: Pair,
}

#[derive(Debug)]
enum Pair {
    Ec(Box<EcdsaKeyPair>),
    Rsa(Box<RsaKeyPair>),
}

impl SigningKey {
    /// One for ES256.
    pub fn es256(id: &str) -> Self {
        let scheme = &signature::ECDSA_P256_SHA256_FIXED_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(scheme, &SystemRandom::new()).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(scheme, document.as_ref(), &SystemRandom::new()).unwrap();
        Self { id: id.into(), pair: Pair::Ec(pair.into()) }
    }

    /// One for RS256, which `openssl` makes: nothing else here can.
    pub fn rs256(id: &str) -> Self {
        let arguments = ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-outform", "DER"];
        let made = Command::new("openssl").args(arguments).stderr(Stdio::null()).output().expect("openssl can be run");
        assert!(made.status.success(), "openssl makes a key");
        // Versions of openssl differ in what they put around the key.
        let pair = RsaKeyPair::from_pkcs8(&made.stdout).or_else(|_| RsaKeyPair::from_der(&made.stdout)).unwrap();
        Self { id: id.into(), pair: Pair::Rsa(pair.into()) }
    }

    fn algorithm(&self) -> &'static str {
        match self.pair {
            Pair::Ec(_) => "ES256",
            Pair::Rsa(_) => "RS256",
        }
    }

    /// As the issuer publishes it.
    fn jwk(&self) -> Value {
        match &self.pair {
            Pair::Ec(pair) => {
                let (x, y) = pair.public_key().as_ref().split_at(33);
                let x = x.get(1..).unwrap();
                json!({"kty": "EC", "crv": "P-256", "kid": self.id, "use": "sig", "alg": "ES256", "x": base64(x), "y": base64(y)})
            }
            Pair::Rsa(pair) => {
                let public = signature::RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                json!({"kty": "RSA", "kid": self.id, "use": "sig", "alg": "RS256", "n": base64(&public.n), "e": base64(&public.e)})
            }
        }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.pair {
            Pair::Ec(pair) => pair.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec(),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&signature::RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).unwrap();
                signature
            }
        }
    }

    /// A token with these claims.
    pub fn token(&self, claims: &Value) -> String {
        self.token_with(&json!({"alg": self.algorithm(), "kid": self.id, "typ": "at+jwt"}), claims)
    }

    /// A token with a header of the caller's choice.
    pub fn token_with(&self, header: &Value, claims: &Value) -> String {
        let message = unsigned(header, claims);
        let token = format!("{message}.{}", base64(&self.sign(message.as_bytes())));
        leaks::unsaid(&token);
        token
    }

    /// A token signed with this public key as if it were a shared secret.
    pub fn confused(&self, claims: &Value) -> String {
        let public = match &self.pair {
            Pair::Ec(pair) => pair.public_key().as_ref().to_vec(),
            Pair::Rsa(pair) => signature::RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key()).n,
        };
        let message = unsigned(&json!({"alg": "HS256", "kid": self.id}), claims);
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &public), message.as_bytes());
        format!("{message}.{}", base64(tag.as_ref()))
    }
}

/// A token that is signed by nobody.
pub fn none(key_id: &str, claims: &Value) -> String {
    format!("{}.", unsigned(&json!({"alg": "none", "kid": key_id}), claims))
}

fn unsigned(header: &Value, claims: &Value) -> String {
    format!("{}.{}", base64(header.to_string().as_bytes()), base64(claims.to_string().as_bytes()))
}

fn base64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Seconds since 1970, some from now.
pub fn seconds(from_now: i64) -> i64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    i64::try_from(now.as_secs()).unwrap() + from_now
}

/// The issuer. It listens when it is told to.
#[derive(Debug)]
pub struct Issuer {
    port: u16,
    keys: Arc<Mutex<Value>>,
    asked: Arc<AtomicU64>,
    serving: Option<JoinHandle<()>>,
}

impl Default for Issuer {
    fn default() -> Self {
        Self { port: ports::free(), keys: Arc::default(), asked: Arc::default(), serving: None }
    }
}

impl Issuer {
    /// What stands in `iss`.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Publishes these keys and no others.
    pub fn publish(&self, keys: &[&SigningKey]) {
        let keys: Vec<_> = keys.iter().map(|key| key.jwk()).collect();
        *self.keys.lock().unwrap() = json!({ "keys": keys });
    }

    /// How often its keys were asked for.
    pub fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    /// Claims of a good token.
    pub fn claims(&self, subject: &str, scope: &str) -> Value {
        json!({"iss": self.url(), "aud": "kenh", "sub": subject, "scope": scope, "exp": seconds(300)})
    }

    /// Begins to answer.
    pub async fn start(&mut self) {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await.expect("a free port");
        let (url, keys, asked) = (self.url(), self.keys.clone(), self.asked.clone());
        self.serving = Some(tokio::spawn(async move {
            loop {
                let Ok((mut stream, _)) = listener.accept().await else { continue };
                let (mut head, mut buffer) = (Vec::new(), [0; 1024]);
                while !head.ends_with(b"\r\n\r\n") {
                    match stream.read(&mut buffer).await {
                        Ok(read) if read > 0 && head.len() < 8192 => {
                            head.extend_from_slice(buffer.get(..read).unwrap());
                        }
                        _ => break,
                    }
                }
                let head = String::from_utf8_lossy(&head);
                let (status, body) = match head.split(' ').nth(1) {
                    Some("/.well-known/openid-configuration") => {
                        ("200 OK", json!({"issuer": url, "jwks_uri": format!("{url}/keys")}))
                    }
                    Some("/keys") => {
                        asked.fetch_add(1, Ordering::Relaxed);
                        ("200 OK", keys.lock().unwrap().clone())
                    }
                    _ => ("404 Not Found", Value::Null),
                };
                let body = body.to_string();
                let answer =
                    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
                drop(stream.write_all(answer.as_bytes()).await);
            }
        }));
    }

    /// Goes away.
    pub async fn stop(&mut self) {
        if let Some(serving) = self.serving.take() {
            serving.abort();
            drop(serving.await);
        }
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        if let Some(serving) = &self.serving {
            serving.abort();
        }
    }
}
