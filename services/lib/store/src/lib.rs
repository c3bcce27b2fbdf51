//! What processes remember beside the log: which events are published, where subscriptions stand, what is parked, what is
//! sent to channels, what was exchanged with them, how far sources have been read, what the broker has not confirmed.
//!
//! One seam, [`Store`], with two engines that pass one contract: SQLite for one process, PostgreSQL for any number of
//! them. Time is the engine's own: callers give durations, so replicas need not agree on what time it is.
//!
//! What a call does is written once (`call`), in SQL that both engines understand but for a few words (`engine`); an
//! engine brings a connection and a transaction. SQLite is the one the log links anyway (`rusqlite`); PostgreSQL is
//! `sqlx`, for its pool and its TLS modes, with neither macros nor a second SQLite in the program.

mod assemblies;
mod call;
mod claims;
pub mod config;
#[cfg(feature = "contract")]
pub mod contract;
mod conversations;
mod credentials;
mod engine;
mod error;
mod exchanges;
mod fares;
pub mod house;
mod migrations;
mod open;
mod outbox;
mod parked;
mod positions;
mod postgres;
mod spool;
mod sqlite;
mod stored;
mod subscriptions;

pub use assemblies::{Added, Assemblies, Assembly, NewPart};
pub use claims::{Claim, Claimed, Claims};
pub use config::Config;
pub use conversations::{Conversations, Known};
pub use credentials::{Credential, Credentials};
pub use error::StoreError;
pub use exchanges::{Exchange, ExchangeFilter, Exchanges, NewExchange, Place};
pub use fares::{Fare, Fares, RenewalFare, SendingFare, Spent, ToldFare};
pub use open::{OpenError, READY, open};
pub use outbox::{
    Freed, Given, Hold, NewOutbound, Outbound, OutboundFilter, Outbox, Phase, Submitted, Turn, Word, Written,
};
pub use parked::{Parked, ParkedFilter, ParkedPage, ParkedStore};
pub use positions::{Position, Positions};
pub use spool::{Put, Putting, SharedSpool, SpoolState, Unpublished};
pub use subscriptions::{CreateError, Held, Member, Save, Saved, Subscription, Subscriptions, Window};

/// Everything that is remembered.
pub trait Store:
    Claims
    + Subscriptions
    + ParkedStore
    + Outbox
    + Conversations
    + Credentials
    + Fares
    + Exchanges
    + Positions
    + SharedSpool
    + Assemblies
{
}

impl<S> Store for S where
    S: Claims
        + Subscriptions
        + ParkedStore
        + Outbox
        + Conversations
        + Credentials
        + Fares
        + Exchanges
        + Positions
        + SharedSpool
        + Assemblies
{
}
