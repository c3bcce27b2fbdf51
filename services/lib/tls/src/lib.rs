//! TLS to servers that are no web servers, of mail and of short messages, and certificates of our own that are replaced while they are in use.

mod served;
mod watched;

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore, crypto::ring};
use rustls_pki_types::{CertificateDer, pem::PemObject as _};
use tokio_rustls::TlsConnector;

pub use served::{Pair, PairContents, PairError};
pub use watched::{Source, Watched};

/// TLS cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The file of authorities cannot be read.
    #[error("{0}: no certificates in PEM form can be read from it")]
    File(String),
    /// The library refuses.
    #[error("TLS cannot be used: {0}")]
    Library(#[from] rustls::Error),
}

/// A connector that trusts the system's authorities, or those of a file.
pub fn connector(ca_file: Option<&str>) -> Result<TlsConnector, TlsError> {
    let mut roots = RootCertStore::empty();
    if let Some(file) = ca_file {
        let unreadable = || TlsError::File(file.to_owned());
        let certificates = CertificateDer::pem_file_iter(file).map_err(|_| unreadable())?;
        let certificates: Vec<_> = certificates.filter_map(Result::ok).collect();
        if roots.add_parsable_certificates(certificates).0 == 0 {
            return Err(unreadable());
        }
    } else {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}
