//! Somebody who has proven who he is.

use std::{sync::Arc, time::SystemTime};

use crate::{Rights, quota::Meter};

/// How somebody has proven who he is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// Not at all: nobody has to.
    Nothing,
    /// An API key.
    ApiKey,
    /// A client certificate.
    Certificate,
    /// A token of the OpenID Connect issuer.
    Token,
}

impl Means {
    /// Its word in audit lines.
    pub fn word(self) -> &'static str {
        match self {
            Self::Nothing => "none",
            Self::ApiKey => "api_key",
            Self::Certificate => "certificate",
            Self::Token => "oidc",
        }
    }
}

/// Who calls, and what he may do.
#[derive(Debug, Clone)]
pub struct Principal {
    /// Name of the client: as configured, or as its token says.
    pub name: Arc<str>,
    /// How he has proven it.
    pub means: Means,
    /// What he may do.
    pub rights: Rights,
    /// When the proof runs out; streams end then.
    pub until: Option<SystemTime>,
    pub(crate) meter: Arc<Meter>,
}

impl Principal {
    /// Whoever calls where nobody has to prove anything: he may do everything.
    pub(crate) fn anybody() -> Self {
        Self::unknown(Rights::all())
    }

    /// Whoever calls what needs nothing: he may do nothing else.
    pub(crate) fn stranger() -> Self {
        Self::unknown(Rights::none())
    }

    fn unknown(rights: Rights) -> Self {
        let (name, meter) = ("anybody".into(), Meter::unlimited().into());
        Self { name, means: Means::Nothing, rights, until: None, meter }
    }
}
