//! Why a file cannot be given.

use std::time::Duration;

use connector_sdk::media::Unobtainable;
use kenh_fetch::FetchError;

/// Why a file cannot be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The event has no such file.
    #[error("the event has no file at that place, or says nothing it could be had by")]
    NotFound,
    /// The event's bytes are not kept, and the file is in them.
    #[error("the file lies in the event's bytes, of which only the digest is kept")]
    NotKept,
    /// It is not there any more.
    #[error("the file is not there any more: deleted, or its address or id has expired")]
    Gone,
    /// Too large.
    #[error("the file is too large")]
    TooLarge {
        /// Bytes the store takes at most; `None` where it is the channel that refuses.
        most: Option<u64>,
    },
    /// Its address may not be fetched from.
    #[error("the file's address, or where it leads, is not public or not https")]
    AddressRefused,
    /// The channel wants a token, or does not take the one there is.
    #[error(
        "the channel gives the file to its account only: no token of the account is configured, or it does not take it"
    )]
    CredentialsMissing,
    /// Not yet.
    #[error("the channel is not ready to give the file; try again")]
    NotReady {
        /// How long it says to wait.
        pause: Option<Duration>,
    },
    /// Nobody answers, or not with the file.
    #[error("where the file is cannot be reached, or has an error of its own; try again")]
    Unreachable,
    /// Too slow.
    #[error("where the file is was too slow; try again")]
    Timeout,
    /// The store cannot be used.
    #[error("the media store cannot be used now; try again")]
    Store,
}

impl Problem {
    /// Its word, as a metric's label.
    pub fn word(self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::NotKept => "not_kept",
            Self::Gone => "gone",
            Self::TooLarge { .. } => "too_large",
            Self::AddressRefused => "address_refused",
            Self::CredentialsMissing => "credentials_missing",
            Self::NotReady { .. } => "not_ready",
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::Store => "store",
        }
    }

    pub(crate) fn fetching(error: FetchError, most: u64) -> Self {
        match error {
            FetchError::Address => Self::AddressRefused,
            FetchError::TooLarge => Self::TooLarge { most: Some(most) },
            FetchError::Timeout => Self::Timeout,
            FetchError::Redirects | FetchError::Unreachable | FetchError::Broken => Self::Unreachable,
        }
    }
}

impl From<Unobtainable> for Problem {
    fn from(why: Unobtainable) -> Self {
        match why {
            Unobtainable::NoWay => Self::NotFound,
            Unobtainable::Credentials => Self::CredentialsMissing,
            Unobtainable::Gone => Self::Gone,
            Unobtainable::TooLarge => Self::TooLarge { most: None },
            Unobtainable::Later(pause) => Self::NotReady { pause },
        }
    }
}
