//! A client of the configuration: who it is, and what it may do.

use connector_sdk::{Section, settings::Origin};

use crate::{Grant, Key, KeyHash, Rights, quota::Quota};

/// Longest name of a client.
pub(crate) const LONGEST_NAME: usize = 64;

/// A client.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub(crate) name: String,
    pub(crate) keys: Vec<KeyHash>,
    pub(crate) common_names: Vec<String>,
    pub(crate) uris: Vec<String>,
    pub(crate) rights: Rights,
    pub(crate) quota: Quota,
}

impl Client {
    /// Reads `access.clients.NAME`.
    pub(crate) fn read(name: &str, origin: &Origin, section: &mut Section<'_>) -> Self {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if name.len() > LONGEST_NAME || !name.chars().all(allowed) {
            section
                .refuse(origin, format!("expected a name of at most {LONGEST_NAME} letters, digits, '-', '_' and '.'"));
        }
        let keys = keys(section);
        let (common_names, uris) =
            section.section("certificate", |section| (section.texts("common_name"), section.texts("uri")));
        let rights = rights(section, "rights");
        if keys.is_none() && common_names.is_empty() && uris.is_empty() {
            section.refuse(
                origin,
                "nothing would prove who it is: set api_key_sha256, certificate.common_name or certificate.uri",
            );
        }
        let quota = section.section("quotas", Quota::read);
        Self { name: name.into(), keys: keys.unwrap_or_default(), common_names, uris, rights, quota }
    }
}

/// `None` when there are none; what is wrong with some of them is a fault of its own.
fn keys(section: &mut Section<'_>) -> Option<Vec<KeyHash>> {
    const KEY: &str = "api_key_sha256";
    let texts = section.texts(KEY);
    for text in &texts {
        if Key::is_meant(text) {
            section.fault(KEY, "that is a key itself; replace it, as it is a secret, and write its hash here");
        } else if let Err(reason) = text.parse::<KeyHash>() {
            section.fault(KEY, reason.to_string());
        }
    }
    (!texts.is_empty()).then(|| texts.iter().filter_map(|text| text.parse().ok()).collect())
}

/// Rights that must be there.
pub(crate) fn rights(section: &mut Section<'_>, key: &'static str) -> Rights {
    let texts = section.texts(key);
    if texts.is_empty() {
        section.fault(key, "is required: which of read, send, manage, raw, and to what");
    }
    for text in &texts {
        if let Err(reason) = text.parse::<Grant>() {
            section.fault(key, reason.to_string());
        }
    }
    texts.iter().filter_map(|text| text.parse::<Grant>().ok()).collect()
}
