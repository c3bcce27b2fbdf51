//! The one way of an event from a channel's request into the log: verify, normalize, stamp, store.

mod dedupe;
mod endpoint;
mod keys;
mod pipeline;
mod process;
mod reread;
mod stamp;
mod tie;

pub use dedupe::Config as DedupeConfig;
pub use endpoint::{Endpoint, Endpoints, KeepRaw};
pub use keys::{KeyRenewal, Renewal};
pub use pipeline::{Delivered, Intake, Normalized, NotStored, Outcome, normalize};
pub use process::{Away, Processes, Pushed, Read};
pub use reread::{Reading, enclosed};
pub use stamp::{Stamp, account_key, contact_id, conversation_id, envelope_id};
