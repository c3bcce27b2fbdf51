//! Why a call was refused: for its caller, for metrics, for the audit log.

use std::time::Duration;

use kenh_proto::v1::ErrorReason;
use tonic::Status;

use crate::{Right, rights::Beyond};

/// A call that is not carried out.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Refusal<'a> {
    /// Nothing proves who calls.
    NoCredentials,
    /// What was to prove it does not. Which part is wrong is not said.
    WrongCredentials,
    /// The token was good once.
    TokenExpired,
    /// The keys of the issuer are not known yet.
    IssuerAway,
    /// A right is missing altogether, or for what a request is about.
    NoRight(Right),
    /// A right is missing for something that the request names.
    Beyond(Right, Beyond<'a>),
    /// Too many calls; how long to wait.
    TooManyRequests(Duration),
    /// Too many streams; how many there may be.
    TooManyStreams(u32),
    /// The server has no such method.
    NoMethod,
}

impl Refusal<'_> {
    /// The stable reason of its `ErrorInfo`.
    fn reason(self) -> ErrorReason {
        match self {
            Self::NoCredentials => ErrorReason::CredentialsMissing,
            Self::WrongCredentials => ErrorReason::CredentialsInvalid,
            Self::TokenExpired => ErrorReason::TokenExpired,
            Self::IssuerAway => ErrorReason::IssuerUnavailable,
            Self::NoRight(_) | Self::Beyond(..) => ErrorReason::RightMissing,
            Self::TooManyRequests(_) | Self::TooManyStreams(_) => ErrorReason::QuotaExceeded,
            Self::NoMethod => ErrorReason::MethodUnknown,
        }
    }

    /// The reason in metrics and audit lines.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::NoCredentials => "credentials_missing",
            Self::WrongCredentials => "credentials_invalid",
            Self::TokenExpired => "token_expired",
            Self::IssuerAway => "issuer_unavailable",
            Self::NoRight(_) | Self::Beyond(..) => "right_missing",
            Self::TooManyRequests(_) => "requests_exceeded",
            Self::TooManyStreams(_) => "streams_exceeded",
            Self::NoMethod => "method_unknown",
        }
    }

    fn message(self) -> String {
        match self {
            Self::NoCredentials => {
                "say who calls: `authorization: Bearer` with an API key or a token, or a client certificate".into()
            }
            Self::WrongCredentials => "what was to prove who calls does not prove it".into(),
            Self::TokenExpired => "the token has expired; call again with a new one".into(),
            Self::IssuerAway => "the keys of the token's issuer are not known yet; try again".into(),
            Self::NoRight(right) => {
                format!("the caller has not the right `{}` to what this call is about", right.word())
            }
            Self::Beyond(right, Beyond::Channel(channel)) => {
                format!("the caller has not the right `{}` to anything of channel {channel:?}", right.word())
            }
            Self::Beyond(right, Beyond::Account(account)) => {
                format!("the caller has not the right `{}` to anything of account {account:?}", right.word())
            }
            Self::TooManyRequests(_) => "this client calls more often than it may; wait".into(),
            Self::TooManyStreams(most) => {
                format!("this client has {most} streams open, which is the most it may have; close one")
            }
            Self::NoMethod => "this server has no such method".into(),
        }
    }

    fn retry(self) -> Option<Duration> {
        match self {
            Self::TooManyRequests(wait) => Some(wait),
            Self::TooManyStreams(_) => Some(Duration::from_secs(5)),
            Self::IssuerAway => Some(Duration::from_secs(1)),
            Self::NoCredentials
            | Self::WrongCredentials
            | Self::TokenExpired
            | Self::NoRight(_)
            | Self::Beyond(..)
            | Self::NoMethod => None,
        }
    }

    fn metadata(self) -> Vec<(&'static str, String)> {
        match self {
            Self::NoRight(right) => vec![("right", right.word().into())],
            Self::Beyond(right, Beyond::Channel(channel)) => {
                vec![("right", right.word().into()), ("channel", channel.into())]
            }
            Self::Beyond(right, Beyond::Account(account)) => {
                vec![("right", right.word().into()), ("account", account.into())]
            }
            Self::TooManyRequests(_) => vec![("quota", "requests_per_second".into())],
            Self::TooManyStreams(most) => vec![("quota", "streams".into()), ("most", most.to_string())],
            Self::NoCredentials | Self::WrongCredentials | Self::TokenExpired | Self::IssuerAway | Self::NoMethod => {
                vec![]
            }
        }
    }

    /// As the caller reads it.
    pub(crate) fn status(self) -> Status {
        let mut refusal = kenh_reason::Refusal::new(self.reason(), self.message());
        for (key, value) in self.metadata() {
            refusal = refusal.with(key, value);
        }
        match self.retry() {
            Some(wait) => refusal.retry_in(wait).status(),
            None => refusal.status(),
        }
    }
}
