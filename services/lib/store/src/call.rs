//! The seam's calls, written once for both engines: SQL that SQLite and PostgreSQL both understand.
//!
//! Where many rows are touched they are locked in the order of their keys first, so that two processes wait for each
//! other and never in a circle; and what is decided on is read after that, so that it is the newest. Locks are taken in
//! this order: the subscription, its windows, what is done alone (see `alone`), members, parked events. Those of outbound
//! messages (see `outbox`), of the channel log and of the shared spool are taken with none of these.

mod assemblies;
mod claims;
mod conversations;
mod credentials;
mod exchanges;
mod fares;
mod held;
mod members;
mod outbox;
mod parked;
mod positions;
mod spool;
mod subscriptions;

use crate::{StoreError, engine::Session};

pub(crate) use assemblies::{AddPart, ForgetTold, Overdue, ToldWhole};
pub(crate) use claims::{Claiming, Forget, GiveUp, Settle};
pub(crate) use conversations::{ForgetConversations, GetKnown, Meet};
pub(crate) use credentials::{
    DropCredential, GetCredential, Lease, ListCredentials, Pause, Paused, PutCredential, Release,
};
pub(crate) use exchanges::{ExpireExchanges, ListExchanges, NoteExchanges};
pub(crate) use fares::{ListFares, OneFare, PutRenewal, PutSending, Tell, ToldOf};
pub(crate) use held::{Hold, SaveAll};
pub(crate) use members::{Join, Leave, Members, Renew};
pub(crate) use outbox::{
    Before, CountWaiting, Due, ExpireOutbound, GetGiven, GetOutbound, GetOutboundByKey, ListOutbound, Note, Rewrite,
    Submit, TakeTurn, Told, Untold, Whose, Write,
};
pub(crate) use parked::{CountParked, Discard, ExpireParked, GetParked, ListParked, Park, Redrive, Redriven};
pub(crate) use positions::{Advance, GetPosition};
pub(crate) use spool::{CloseSpool, InSpool, OpenSpool, Spool, Spooled, Spools, Unspool};
pub(crate) use subscriptions::{Create, Delete, Generations, Get, List, Seek, Windows};

/// One call of the seam.
pub(crate) trait Call: Send + 'static {
    /// Its answer.
    type Answer: Send + 'static;

    /// What it needs of the engine.
    const NEEDS: Needs;

    /// Does it. Starts nothing that goes on afterwards.
    fn run<S: Session>(self, session: &mut S) -> impl Future<Output = Result<Self::Answer, StoreError>> + Send;
}

/// What a call needs of the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Each of its statements stands for itself and may be lost with the machine's power.
    Statements,
    /// All of it or nothing, on disk before the answer.
    Transaction,
}

/// Rows one call deletes at most, where it need not delete all.
const AT_ONCE: i64 = 1000;

/// Until the end of its transaction nobody else creates a subscription or touches parked events: a save takes some of
/// those away and adds others, so an order of their keys would not help.
async fn alone<S: Session>(session: &mut S) -> Result<(), StoreError> {
    session.query("SELECT version FROM kenh_migration WHERE version = 1 {lock}", Vec::new()).await?;
    Ok(())
}

fn micros(duration: std::time::Duration) -> i64 {
    // Far beyond any clock, and no sum with the time of day overflows.
    const LONGEST: i64 = i64::MAX / 4;
    i64::try_from(duration.as_micros()).unwrap_or(LONGEST).min(LONGEST)
}

fn count(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}

/// Without repetition, in their order.
fn distinct(ids: &[uuid::Uuid]) -> Vec<uuid::Uuid> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    ids
}
