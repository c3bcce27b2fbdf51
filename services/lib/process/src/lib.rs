//! Processes attached as the connector of a channel: who is there, asking them, and believing nothing of what they answer before it
//! is looked at.
//!
//! The api attaches processes to the [`Switchboard`]; the pipeline and the dispatcher ask it. It knows no transport: a process is
//! a queue that questions go into, and answers are handed back by number.

mod answer;
mod attached;
mod check;
mod pending;
mod read;
mod send;
mod switchboard;

pub use attached::Detached;
pub use check::{Checked, checked};
pub use pending::Pending;
pub use send::Sent;
pub use switchboard::{NotAttached, Present, Switchboard};
