//! Outbound messages and whose turn it is.
//!
//! Who decides about the order of a conversation has it alone (`hold`) and reads what it decides on after that. Locks are
//! taken in this order: the conversation, its messages, the channel's ids by their keys.

mod expire;
mod given;
mod list;
mod submit;
mod turn;
mod words;
mod write;

use uuid::Uuid;

use crate::{
    Hold, Outbound, Phase, StoreError,
    engine::{Row, Session},
};

pub(crate) use expire::ExpireOutbound;
pub(crate) use given::{Before, GetGiven, Told, Untold, Whose};
pub(crate) use list::{CountWaiting, Due, GetOutbound, GetOutboundByKey, ListOutbound};
pub(crate) use submit::Submit;
pub(crate) use turn::TakeTurn;
pub(crate) use words::Note;
pub(crate) use write::{Rewrite, Write};

const COLUMNS: &str = "id, client, idempotency_key, digest, channel, account, conversation, phase, state, turn, due_at, \
                       expires_at, created_at, updated_at, record";

/// The message of a conversation that goes before all others: the one that is being sent, the one of which the channel has
/// some and not all, or the oldest that was tried or is due. One that was never tried and is scheduled for later, or that
/// waits for the clock, holds up nobody.
const FIRST: &str = "SELECT f.id FROM kenh_outbound f WHERE f.conversation = kenh_outbound.conversation AND f.phase < 2 \
                     AND (f.phase = 1 OR (f.turn > 0 AND f.hold > 0) OR f.due_at <= {wall}) ORDER BY f.phase DESC, f.hold DESC, f.seq \
                     LIMIT 1";

/// Its account is not paused, or it waits in vain: that it has expired is told in time.
const UNPAUSED: &str = "(kenh_outbound.expires_at <= {wall} OR NOT EXISTS (SELECT 1 FROM kenh_paused p \
                        WHERE p.channel = kenh_outbound.channel AND p.account = kenh_outbound.account))";

/// Until the end of the transaction nobody else decides about the conversation of this message. Whether there is one.
async fn hold<S: Session>(session: &mut S, id: Uuid) -> Result<bool, StoreError> {
    let sql = "SELECT 1{hold conversation} FROM kenh_outbound WHERE id = $1";
    Ok(!session.query(sql, vec![id.into()]).await?.is_empty())
}

fn number(phase: Phase) -> i64 {
    match phase {
        Phase::Waiting => 0,
        Phase::Sending => 1,
        Phase::Ended => 2,
    }
}

fn rank(hold: Hold) -> i64 {
    match hold {
        Hold::Nobody => 0,
        Hold::Order => 1,
        Hold::Whole => 2,
    }
}

/// The channel's id of an account: what its ids are unique with.
fn external(account: &str) -> &str {
    account.split_once('/').map_or(account, |(_, external)| external)
}

/// Reads [`COLUMNS`].
fn outbound(row: &mut Row) -> Result<Outbound, StoreError> {
    Ok(Outbound {
        id: row.uuid()?,
        client: row.text()?,
        key: row.text()?,
        digest: row.bytes()?,
        channel: row.text()?,
        account: row.text()?,
        conversation: row.uuid()?,
        phase: match row.int()? {
            0 => Phase::Waiting,
            1 => Phase::Sending,
            _ => Phase::Ended,
        },
        state: small(row.int()?),
        turn: row.int()?.cast_unsigned(),
        due_at: row.int()?,
        expires_at: row.int()?,
        created_at: row.int()?,
        updated_at: row.int()?,
        record: row.bytes()?,
    })
}

/// A number that was one of 32 bits when it was stored.
fn small(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
