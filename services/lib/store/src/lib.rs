//! What processes remember beside the log: which events are published, where subscriptions stand, what is parked.
//!
//! One seam, [`Store`], with two engines that pass one contract: SQLite for one process, PostgreSQL for any number of
//! them. Time is the engine's own: callers give durations, so replicas need not agree on what time it is.

mod claims;
mod error;
mod parked;
mod subscriptions;

pub use claims::{Claim, Claims};
pub use error::StoreError;
pub use parked::{Parked, ParkedFilter, ParkedPage, ParkedStore};
pub use subscriptions::{CreateError, Held, Member, Save, Saved, Subscription, Subscriptions, Window};

/// Everything that is remembered.
pub trait Store: Claims + Subscriptions + ParkedStore {}

impl<S: Claims + Subscriptions + ParkedStore> Store for S {}
