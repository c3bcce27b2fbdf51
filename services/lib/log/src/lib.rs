//! The event log: the seam between those who store events and those who read them, and its embedded engine.
//!
//! The log has partitions. Within one, entries keep the order in which they were stored and have rising offsets.
//! An entry is an encoded envelope, never decoded again on its way, with the few fields that filters look at.
//! [`embedded`] keeps the log in SQLite; `kenh-amqp` keeps it in RabbitMQ streams. Both pass the `contract` tests.

#[cfg(feature = "contract")]
pub mod contract;
pub mod embedded;
mod entry;
mod filter;
mod parts;
mod seam;
mod work;

pub use entry::{Entry, Meta, Record, partition_of};
pub use filter::{Filter, Scope};
pub use parts::by_partition;
pub use seam::{AppendError, EventLog, Limit, Page, ReadError, Tail};
pub use work::{Hint, LocalQueue, WorkQueue};
