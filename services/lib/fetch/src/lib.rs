//! Fetching from addresses that somebody else wrote: a customer, a channel, whoever gives something to be sent. Nobody may
//! reach through us what they cannot reach themselves.
//!
//! What is looked at is the address a connection is made to, not a name: names are resolved here, and the connection goes to
//! one of the addresses that were looked at, so that a name cannot point elsewhere a moment later. Redirects are followed by
//! hand, each looked at like the first address, never from https to http. Credentials go to the one server the operator
//! configured for them, and no further. See the crate's `README.md`.

mod address;
mod fetched;
mod fetcher;
mod places;
mod resolver;
mod rules;
#[cfg(test)]
mod tests;

use std::time::Duration;

pub use address::is_public;
pub use fetched::Fetched;
pub use fetcher::{ClientError, Fetcher, Home, Target};
pub use resolver::{Lookup, SystemLookup};
pub use rules::{Rules, networks};

/// How long fetching may take, and how much of it there is at once.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// To connect.
    pub connect: Duration,
    /// Without a byte.
    pub idle: Duration,
    /// For one answer with its body.
    pub whole: Duration,
    /// Answers being read at the same time; further ones wait.
    pub at_once: usize,
    /// Of one host. A slow one holds up no other.
    pub per_host: usize,
}

/// Why there is nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The address is none that may be fetched from, or leads to one by a redirect.
    #[error("the address, or where it leads, may not be fetched from")]
    Address,
    /// More bytes than asked for at most.
    #[error("it is too large")]
    TooLarge,
    /// Too many redirects, or one that leads nowhere.
    #[error("it is redirected without an end")]
    Redirects,
    /// It took too long.
    #[error("it took too long")]
    Timeout,
    /// There is no connection to be had.
    #[error("the host cannot be reached")]
    Unreachable,
    /// The answer broke off.
    #[error("the answer broke off")]
    Broken,
}
