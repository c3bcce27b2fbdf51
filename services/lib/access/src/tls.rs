//! TLS of the api, and client certificates. The files are read anew when they change, so that a certificate is
//! replaced without a restart; connections that are open stay as they are.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use connector_sdk::Section;
use kenh_runtime::metrics;
use kenh_tls::{Source, Watched};
use rustls::{
    RootCertStore, ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    server::WebPkiClientVerifier,
};
use tokio_util::sync::CancellationToken;

use crate::certificate;

/// Where certificates and keys lie.
#[derive(Debug, Clone)]
pub(crate) struct Files {
    /// The server's certificate and what it was signed by, PEM.
    certificate: PathBuf,
    /// Its private key, PEM.
    key: PathBuf,
    /// Who signs the certificates of clients, PEM. Clients are asked for one when it is set.
    pub(crate) client_ca: Option<PathBuf>,
    /// Whether a client without a certificate is turned away.
    require_client_certificate: bool,
    /// How often the files are looked at.
    reload_every: Duration,
}

impl Files {
    /// Reads `tls`; `None` when nothing is set.
    pub(crate) fn read(section: &mut Section<'_>) -> Option<Self> {
        let path = |section: &mut Section<'_>, key| section.text(key).map(PathBuf::from);
        let (certificate, key) = (path(section, "certificate"), path(section, "key"));
        let client_ca = path(section, "client_ca");
        let require_client_certificate = section.boolean("require_client_certificate", false);
        let reload_every = section.duration("reload_every", Duration::from_secs(30));
        if reload_every < Duration::from_millis(50) {
            section.fault("reload_every", "expected at least 50ms");
        }
        if require_client_certificate && client_ca.is_none() {
            section.fault("require_client_certificate", "needs client_ca");
        }
        let missing = match (certificate, key) {
            (Some(certificate), Some(key)) => {
                return Some(Self { certificate, key, client_ca, require_client_certificate, reload_every });
            }
            (None, Some(_)) => "certificate",
            (Some(_), None) => "key",
            (None, None) if client_ca.is_some() => "certificate",
            (None, None) => return None,
        };
        section.fault(missing, "is required as soon as another file of `tls` is set");
        None
    }
}

/// Files that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// One of them cannot be read.
    #[error("access.tls.{setting}: {}: {reason}", path.display())]
    File {
        /// Which setting names it.
        setting: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// They do not fit together.
    #[error("access.tls: {0}")]
    Mismatch(String),
}

/// What the files held when they were read.
#[derive(PartialEq, Eq)]
pub(crate) struct Contents {
    certificate: Vec<u8>,
    key: Vec<u8>,
    client_ca: Option<Vec<u8>>,
}

/// The certificates in use.
pub(crate) type Tls = Watched<ServerConfig>;

/// Reads the files, and looks after them until told to stop.
pub(crate) fn start(files: Files, stop: &CancellationToken) -> Result<Arc<Tls>, TlsError> {
    let every = files.reload_every;
    Watched::start(files, every, stop)
}

impl Source for Files {
    type Contents = Contents;
    type Made = ServerConfig;
    type Error = TlsError;

    fn whose(&self) -> &'static str {
        "the api's"
    }

    fn read(&self) -> Result<Contents, TlsError> {
        Contents::read(self)
    }

    fn make(&self, contents: &Contents) -> Result<ServerConfig, TlsError> {
        contents.build(self)
    }
}

impl Contents {
    fn read(files: &Files) -> Result<Self, TlsError> {
        let read = |setting, path: &Path| fs::read(path).map_err(|reason| fault(setting, path, reason.to_string()));
        Ok(Self {
            certificate: read("certificate", &files.certificate)?,
            key: read("key", &files.key)?,
            client_ca: files.client_ca.as_deref().map(|path| read("client_ca", path)).transpose()?,
        })
    }

    fn build(&self, files: &Files) -> Result<ServerConfig, TlsError> {
        let chain = certificates("certificate", &files.certificate, &self.certificate)?;
        let key = PrivateKeyDer::from_pem_slice(&self.key)
            .map_err(|_| fault("key", &files.key, "holds no private key in PEM".into()))?;
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsError::Mismatch(error.to_string()))?;
        let builder = match (&self.client_ca, &files.client_ca) {
            (Some(pem), Some(path)) => {
                let mut roots = RootCertStore::empty();
                for authority in certificates("client_ca", path, pem)? {
                    roots.add(authority).map_err(|error| fault("client_ca", path, error.to_string()))?;
                }
                let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider);
                let verifier =
                    if files.require_client_certificate { verifier } else { verifier.allow_unauthenticated() };
                let verifier = verifier.build().map_err(|error| fault("client_ca", path, error.to_string()))?;
                builder.with_client_cert_verifier(verifier)
            }
            _ => builder.with_no_client_auth(),
        };
        let until = chain.first().and_then(|certificate| certificate::not_after(certificate));
        let mut config = builder.with_single_cert(chain, key).map_err(|error| TlsError::Mismatch(error.to_string()))?;
        config.alpn_protocols = vec![b"h2".to_vec()];
        if let Some(since) = until.and_then(|until| until.duration_since(SystemTime::UNIX_EPOCH).ok()) {
            metrics::TLS_EXPIRY.set(since.as_secs_f64(), []);
        }
        Ok(config)
    }
}

fn certificates(setting: &'static str, path: &Path, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let found = read.unwrap_or_default();
    if found.is_empty() { Err(fault(setting, path, "holds no certificate in PEM".into())) } else { Ok(found) }
}

fn fault(setting: &'static str, path: &Path, reason: String) -> TlsError {
    TlsError::File { setting, path: path.into(), reason }
}
