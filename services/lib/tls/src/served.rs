//! A certificate that is shown to whoever connects.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{ServerConfig, crypto::ring};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};

use crate::Source;

/// Where a certificate and its key lie.
#[derive(Debug, Clone)]
pub struct Pair {
    /// Whose it is, for the log: `the mail listeners'`.
    pub whose: &'static str,
    /// The section of the configuration that names the files.
    pub section: &'static str,
    /// The certificate and what it was signed by, PEM.
    pub certificate: PathBuf,
    /// Its private key, PEM.
    pub key: PathBuf,
}

/// Files that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PairError {
    /// One of them cannot be read.
    #[error("{section}.{setting}: {}: {reason}", path.display())]
    File {
        /// The section of the configuration.
        section: &'static str,
        /// Which setting names the file.
        setting: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// They do not fit together.
    #[error("{section}: {reason}")]
    Mismatch {
        /// The section of the configuration.
        section: &'static str,
        /// What does not fit.
        reason: String,
    },
}

/// What the files hold.
#[derive(PartialEq, Eq)]
pub struct PairContents {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

// By hand: it holds a key.
impl std::fmt::Debug for PairContents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PairContents(..)")
    }
}

impl Pair {
    fn fault(&self, setting: &'static str, path: &Path, reason: impl Into<String>) -> PairError {
        PairError::File { section: self.section, setting, path: path.into(), reason: reason.into() }
    }

    fn mismatch(&self, error: &rustls::Error) -> PairError {
        PairError::Mismatch { section: self.section, reason: error.to_string() }
    }
}

impl Source for Pair {
    type Contents = PairContents;
    type Made = ServerConfig;
    type Error = PairError;

    fn whose(&self) -> &'static str {
        self.whose
    }

    fn read(&self) -> Result<PairContents, PairError> {
        let read = |setting, path: &Path| fs::read(path).map_err(|why| self.fault(setting, path, why.to_string()));
        Ok(PairContents { certificate: read("certificate", &self.certificate)?, key: read("key", &self.key)? })
    }

    fn make(&self, contents: &PairContents) -> Result<ServerConfig, PairError> {
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&contents.certificate).collect();
        let chain = chain.unwrap_or_default();
        if chain.is_empty() {
            return Err(self.fault("certificate", &self.certificate, "holds no certificate in PEM"));
        }
        let key = PrivateKeyDer::from_pem_slice(&contents.key)
            .map_err(|_| self.fault("key", &self.key, "holds no private key in PEM"))?;
        ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
            .map_err(|error| self.mismatch(&error))
    }
}
