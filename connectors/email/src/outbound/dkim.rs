//! Signing mail for its domain (DKIM, RFC 6376), with RSA and SHA-256: what every verifier knows.

use connector_sdk::{ExposeSecret as _, Section};
use mail_auth::{
    common::{
        crypto::{RsaKey, Sha256},
        headers::HeaderWriter as _,
    },
    dkim::{DkimSigner, Done},
};
use rustls_pki_types::{PrivateKeyDer, pem::PemObject as _};

/// What is signed where it is there: everything that says from whom, to whom, when and about what (RFC 6376, 5.4.1).
const HEADERS: [&str; 12] = [
    "From",
    "To",
    "Cc",
    "Subject",
    "Date",
    "Message-ID",
    "Reply-To",
    "In-Reply-To",
    "References",
    "Auto-Submitted",
    "MIME-Version",
    "Content-Type",
];

/// Signs.
pub(super) struct Dkim {
    domain: String,
    signer: DkimSigner<RsaKey<Sha256>, Done>,
}

// By hand: it holds a key.
impl std::fmt::Debug for Dkim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Dkim({})", self.domain)
    }
}

impl Dkim {
    /// Reads `dkim`.
    pub(super) fn read(section: &mut Section<'_>) -> Option<Self> {
        let (domain, selector) = (section.required_text("domain").to_lowercase(), section.required_text("selector"));
        let pem = section.required_secret("key");
        let is_name = |name: &str| {
            let is_sound = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            name.split('.').all(|label| !label.is_empty() && label.bytes().all(is_sound))
        };
        for (key, name) in [("domain", &domain), ("selector", &selector)] {
            if !name.is_empty() && !is_name(name) {
                section.fault(key, "expected a name as it stands in DNS");
            }
        }
        let key = PrivateKeyDer::from_pem_slice(pem.expose_secret().as_bytes()).ok();
        let Some(key) = key.and_then(|key| RsaKey::<Sha256>::from_key_der(key).ok()) else {
            if !pem.expose_secret().is_empty() {
                section.fault("key", "expected an RSA key of at least 2048 bits in PEM");
            }
            return None;
        };
        let signer = DkimSigner::from_key(key).domain(&domain).selector(selector).headers(HEADERS);
        Some(Self { domain, signer })
    }

    /// Whether it may sign for a mailbox: with another domain the signature would say nothing of From (RFC 7489, 3.1.1).
    pub(super) fn speaks_for(&self, mailbox: &str) -> bool {
        let domain = mailbox.rsplit_once('@').map_or(mailbox, |(_, domain)| domain).to_lowercase();
        domain.strip_suffix(&self.domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }

    /// The message with its signature before it; without one when it cannot be signed.
    pub(super) fn signed(&self, message: Vec<u8>) -> Vec<u8> {
        let Ok(signature) = self.signer.sign(&message) else { return message };
        let mut signed = signature.to_header().into_bytes();
        signed.extend(message);
        signed
    }
}
