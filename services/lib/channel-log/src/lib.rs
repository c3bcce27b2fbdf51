//! The channel log: what is exchanged with channels, written down for operators by whoever has the exchange.
//!
//! [`ChannelLog::note`] never waits: an entry goes into a bounded buffer in memory, and one task writes what is there to the
//! state store once a second, all in one call. What comes faster than `channel_log.per_second` is counted in one entry
//! with others alike, so that a flood costs the store a few rows a second and every exchange is accounted for. What the
//! buffer cannot hold while the store is away is dropped and counted by a metric.
//!
//! An entry is made of a closed set of fields; there is none that a body, a header or somebody's words could be put into,
//! and what the channel itself says (a code, the name of a call) is taken only if it is a [`word`](Entry::word).

mod buffer;
mod config;
mod entry;
mod writer;

pub use config::{Config, Kept};
pub use entry::Entry;
pub use writer::{ChannelLog, Writing};
