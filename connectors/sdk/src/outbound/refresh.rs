//! Tokens that have to be renewed.

use std::{fmt, time::Duration};

use super::{Call, Reply};
use crate::Secret;

/// How a channel renews an account's token.
pub trait Refresh: fmt::Debug + Send + Sync {
    /// The call that renews it. Secrets of the endpoint stand in it; it is never logged.
    fn call(&self, account: &str, refresh_token: &Secret) -> Call;

    /// Reads the channel's answer.
    fn read(&self, reply: &Reply) -> Result<Pair, RefreshError>;

    /// How long before its end a token is renewed.
    fn ahead(&self) -> Duration;

    /// The refresh token works once: whoever loses the answer loses the account.
    fn single_use(&self) -> bool;
}

/// A token and what renews it.
#[derive(Debug, Clone)]
pub struct Pair {
    /// What calls carry.
    pub access: Secret,
    /// What renews it. `None`: the one there was goes on working.
    pub refresh: Option<Secret>,
    /// How long the token works.
    pub expires_in: Option<Duration>,
}

/// Why there is no new token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefreshError {
    /// It may work later; the channel had an error of its own.
    #[error("the channel has an error of its own ({code})")]
    Passing {
        /// Its code.
        code: String,
    },
    /// A person has to give the consent again.
    #[error("the channel refuses to renew the token ({code})")]
    Final {
        /// Its code.
        code: String,
    },
}
