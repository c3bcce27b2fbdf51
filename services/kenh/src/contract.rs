//! The contract of connectors, held against an attached process: what `connector-testkit` holds against those of the program.
//!
//! It sees no more of the process than the gateway does: calls go in, answers come out. So what it shows is how the process
//! behaves at these fixtures and at what is made of them, and nothing of what it does at others.

mod fixtures;
mod hostile;
mod rules;

pub(crate) use fixtures::Fixture;
pub(crate) use rules::Contract;
