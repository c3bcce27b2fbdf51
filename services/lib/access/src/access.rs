//! Finding out who calls.

use std::{io, path::PathBuf, sync::Arc};

use http::{HeaderMap, header::AUTHORIZATION};
use tokio::net::TcpListener;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;

use crate::{
    Config, Connection, Key, KeyHash, Means, Peer, Principal, TlsError,
    audit::Flood,
    certificate::Names,
    client::Client,
    incoming::incoming,
    oidc::{Issuer, Unproven},
    quota::Meter,
    refusal::Refusal,
    tls::{self, Tls},
};

/// Longest `authorization` that is looked at.
const LONGEST_CREDENTIAL: usize = 16 << 10;

/// Everybody who may call. Cheap to copy.
#[derive(Debug, Clone)]
pub struct Access(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    known: Vec<Known>,
    issuer: Option<Issuer>,
    tls: Option<Arc<Tls>>,
    reflection: bool,
    /// Every caller, where nobody has to prove anything.
    anybody: Arc<Principal>,
    /// Whoever calls methods that need nothing.
    stranger: Arc<Principal>,
    is_open: bool,
    strangers: Flood,
    beyond_quota: Flood,
}

/// A client of the configuration.
#[derive(Debug)]
struct Known {
    keys: Vec<KeyHash>,
    common_names: Vec<String>,
    uris: Vec<String>,
    by_key: Arc<Principal>,
}

/// Why access control cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The certificates the issuer is to be known by cannot be used.
    #[error("access.oidc.ca: {}: {reason}", path.display())]
    IssuerCa {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The client that asks the issuer for its keys cannot be made.
    #[error("access.oidc: {0}")]
    Client(String),
    /// Connections cannot be encrypted.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

impl Access {
    /// Starts: certificates are looked after, and an issuer is asked for its keys, until told to stop.
    pub fn start(config: Config, stop: &CancellationToken) -> Result<Self, StartError> {
        let is_open = !config.authenticates();
        let issuer = config.oidc.map(|oidc| Issuer::start(oidc, stop)).transpose()?;
        let tls = config.tls.map(|files| tls::start(files, stop)).transpose()?;
        let known = config.clients.into_iter().map(Known::from).collect();
        Ok(Self(Arc::new(Inner {
            known,
            issuer,
            tls,
            reflection: config.reflection,
            anybody: Principal::anybody().into(),
            stranger: Principal::stranger().into(),
            is_open,
            strangers: Flood::new("unknown callers"),
            beyond_quota: Flood::new("clients beyond their quota"),
        })))
    }

    /// Whether the contract may be read over server reflection.
    pub fn shows_contract(&self) -> bool {
        self.0.reflection
    }

    /// Connections, encrypted where that is configured, until told to stop.
    pub fn incoming(&self, listener: TcpListener, stop: CancellationToken) -> ReceiverStream<io::Result<Connection>> {
        incoming(listener, self.0.tls.clone(), stop)
    }

    /// Who calls. A credential that is given has to be right, also where a certificate would do.
    pub(crate) async fn authenticate(
        &self,
        headers: &HeaderMap,
        peer: Option<&Peer>,
    ) -> Result<Arc<Principal>, Refusal<'static>> {
        if self.0.is_open {
            return Ok(self.0.anybody.clone());
        }
        let mut given = headers.get_all(AUTHORIZATION).iter();
        match (given.next(), given.next()) {
            (None, _) => self.by_certificate(peer.and_then(|peer| peer.certificate.as_deref())),
            (Some(only), None) if only.len() <= LONGEST_CREDENTIAL => {
                let text = only.to_str().map_err(|_| Refusal::WrongCredentials)?;
                let (scheme, credential) = text.split_once(' ').ok_or(Refusal::WrongCredentials)?;
                if !scheme.eq_ignore_ascii_case("bearer") {
                    return Err(Refusal::WrongCredentials);
                }
                self.by_bearer(credential.trim()).await
            }
            _ => Err(Refusal::WrongCredentials),
        }
    }

    async fn by_bearer(&self, credential: &str) -> Result<Arc<Principal>, Refusal<'static>> {
        if Key::is_meant(credential) {
            return self.by_key(credential).ok_or(Refusal::WrongCredentials);
        }
        let Some(issuer) = &self.0.issuer else { return Err(Refusal::WrongCredentials) };
        issuer.verify(credential).await.map_err(|unproven| match unproven {
            Unproven::Wrong => Refusal::WrongCredentials,
            Unproven::Expired => Refusal::TokenExpired,
            Unproven::KeysUnknown => Refusal::IssuerAway,
        })
    }

    fn by_key(&self, text: &str) -> Option<Arc<Principal>> {
        let hash = Key::presented(text)?.hash();
        // Every key is compared, so that the time taken says nothing of which one it was.
        let mut found = None;
        for known in &self.0.known {
            for key in &known.keys {
                if key.is(&hash) {
                    found = Some(&known.by_key);
                }
            }
        }
        found.cloned()
    }

    fn by_certificate(&self, names: Option<&Names>) -> Result<Arc<Principal>, Refusal<'static>> {
        let names = names.ok_or(Refusal::NoCredentials)?;
        let found = self.0.known.iter().find(|known| known.bears(names)).ok_or(Refusal::WrongCredentials)?;
        let principal = Principal { means: Means::Certificate, until: names.until, ..(*found.by_key).clone() };
        Ok(principal.into())
    }

    /// Whoever calls a method that needs nothing.
    pub(crate) fn stranger(&self) -> Arc<Principal> {
        self.0.stranger.clone()
    }

    /// Whether a refusal has a line of its own in the audit log.
    pub(crate) fn may_tell_of(&self, refusal: Refusal<'_>) -> bool {
        match refusal {
            Refusal::NoRight(_) | Refusal::Beyond(..) => true,
            Refusal::TooManyRequests(_) | Refusal::TooManyStreams(_) => self.0.beyond_quota.allows(),
            Refusal::NoCredentials
            | Refusal::WrongCredentials
            | Refusal::TokenExpired
            | Refusal::IssuerAway
            | Refusal::NoMethod => self.0.strangers.allows(),
        }
    }
}

impl Known {
    fn bears(&self, names: &Names) -> bool {
        let common = names.common_name.as_ref().is_some_and(|name| self.common_names.contains(name));
        common || names.uris.iter().any(|uri| self.uris.contains(uri))
    }
}

impl From<Client> for Known {
    fn from(client: Client) -> Self {
        let meter = Meter::new(client.quota).into();
        let by_key =
            Principal { name: client.name.into(), means: Means::ApiKey, rights: client.rights, until: None, meter };
        Self { keys: client.keys, common_names: client.common_names, uris: client.uris, by_key: by_key.into() }
    }
}
