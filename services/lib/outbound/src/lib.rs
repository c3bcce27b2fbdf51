//! What the api and the dispatcher have in common about answering: what is kept of an outbound message, where it goes, what
//! the channel's rules say, and the events that tell what became of it.
//!
//! The api submits ([`Desk`]); the dispatcher sends and writes what came of it into the [`Record`]; the follower
//! ([`Follower`]) reads the log and learns from it how conversations may be answered and how far messages have come.
//! Turns, fencing and what is never lost are the state store's ([`kenh_store::Outbox`]).

mod describe;
mod desk;
mod destination;
mod follow;
mod policy;
mod problem;
mod record;
mod standing;
mod tell;
mod time;

pub use describe::{failure, view};
pub use desk::{Ask, Desk, Submission};
pub use destination::Resolved;
pub use follow::Follower;
pub use policy::{template, verdict};
pub use problem::Problem;
pub use record::{Record, is_final};
pub use standing::standing;
pub use tell::Teller;
pub use time::{micros, timestamp};
