//! Public keys of issuers: fetched within bounds, outside of any call, and kept while the issuer is away.
//!
//! [`Asker`] and [`Fetcher`] are what every use of such keys needs, the api's callers' tokens among them; [`KeyRing`] holds
//! those that prove the calls of channels.

mod asker;
mod fetch;
mod ring;

pub use asker::{Ask, Asked, Asker, Rhythm};
pub use fetch::{Fetcher, trustworthy};
pub use ring::KeyRing;
