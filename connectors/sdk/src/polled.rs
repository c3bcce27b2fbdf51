//! Channels that are asked for what is new over HTTP, where nobody can be called. The poller does the asking.

use std::{fmt, time::Duration};

use serde_json::Value;

use crate::Secret;

/// A channel that keeps what is new until it is told that it was taken.
pub trait Polled: fmt::Debug + Send + Sync {
    /// What proves the account. Stands for `{token}` in an address.
    fn token(&self) -> &Secret;

    /// The question for what is new. Everything up to `taken` is stored, and the channel may forget it.
    fn ask(&self, taken: Option<&str>) -> Question;

    /// What an answer says.
    fn told(&self, status: u16, body: &[u8]) -> Result<Told, NotTold>;
}

/// A question, to be posted.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// The address, with `{token}` where the token belongs.
    pub url: String,
    /// JSON.
    pub body: Value,
    /// How long the channel may hold the question while there is nothing new.
    pub held: Duration,
    /// Bytes of an answer at most.
    pub largest: usize,
}

/// What is new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Bodies as the channel would have posted them, in their order.
    pub deliveries: Vec<Vec<u8>>,
    /// What to say once all of them are stored. `None`: there were none.
    pub taken: Option<String>,
}

/// Why nothing is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotTold {
    /// The token is not valid.
    Refused,
    /// The channel tells another program.
    Elsewhere,
    /// Later, after a pause where one is named.
    Later(Option<Duration>),
    /// The answer is none of the channel's.
    Unreadable,
}
