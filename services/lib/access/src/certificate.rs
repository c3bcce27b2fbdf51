//! What a client certificate says of its bearer. Verifying it is rustls's part, before anything is read here.

use std::time::{Duration, SystemTime};

use x509_parser::{certificate::X509Certificate, extensions::GeneralName, prelude::FromDer as _};

/// Names in a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Names {
    /// Common name of the subject.
    pub(crate) common_name: Option<String>,
    /// URIs among the alternative names, such as a SPIFFE ID.
    pub(crate) uris: Vec<String>,
    /// When it runs out.
    pub(crate) until: Option<SystemTime>,
}

impl Names {
    /// Reads them off a certificate in DER. What cannot be read, or stands there twice, is as good as absent.
    pub(crate) fn of(der: &[u8]) -> Self {
        let Ok((_, certificate)) = X509Certificate::from_der(der) else { return Self::default() };
        let mut common = certificate.subject().iter_common_name();
        let common_name = match (common.next(), common.next()) {
            (Some(only), None) => only.as_str().ok().map(str::to_owned),
            _ => None,
        };
        let alternative = certificate.subject_alternative_name().ok().flatten();
        let names = alternative.iter().flat_map(|extension| &extension.value.general_names);
        let uris =
            names.filter_map(|name| if let GeneralName::URI(uri) = name { Some((*uri).to_owned()) } else { None });
        Self { common_name, uris: uris.collect(), until: Some(expiry(&certificate)) }
    }
}

fn expiry(certificate: &X509Certificate<'_>) -> SystemTime {
    let seconds = u64::try_from(certificate.validity().not_after.timestamp()).unwrap_or_default();
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

/// When a certificate in DER runs out.
pub(crate) fn not_after(der: &[u8]) -> Option<SystemTime> {
    X509Certificate::from_der(der).ok().map(|(_, certificate)| expiry(&certificate))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, DnType, KeyPair, SanType};

    fn certificate(common: &[&str], uri: Option<&str>) -> Vec<u8> {
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        for name in common {
            params.distinguished_name.push(DnType::CommonName, *name);
        }
        params.subject_alt_names = uri.iter().map(|uri| SanType::URI((*uri).try_into().unwrap())).collect();
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    #[test]
    fn the_common_name_and_every_uri_are_read() {
        let names = Names::of(&certificate(&["crm"], Some("spiffe://example.org/crm")));
        assert_eq!(names.common_name.as_deref(), Some("crm"));
        assert_eq!(names.uris, ["spiffe://example.org/crm"]);
        assert!(names.until.is_some());
    }

    #[test]
    fn what_is_absent_or_no_certificate_names_nobody() {
        let nobody = Names::of(&certificate(&[], None));
        assert_eq!((nobody.common_name, nobody.uris.len()), (None, 0));
        assert_eq!(Names::of(b"no certificate"), Names::default());
    }
}
