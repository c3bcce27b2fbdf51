//! What is sent to channels: kept from the call that submits it until long after it has ended.
//!
//! The store decides on turns: of one conversation the oldest outbound message that has not ended goes first, and the
//! others wait; one that the channel has half of goes before older ones that became due meanwhile. The order is that of submission, by a number the store gives. A message that is scheduled for later and
//! was never tried holds up nobody; one that is to be tried again does. What a message holds is its owner's business
//! (`record`); what has to be decided together stands in columns.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use uuid::Uuid;

use crate::StoreError;

/// Where an outbound message stands, as far as turns go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It waits: for its time, for its turn, or to be tried again.
    Waiting,
    /// A dispatcher has it.
    Sending,
    /// It has ended, one way or another.
    Ended,
}

/// An outbound message as it is submitted.
#[derive(Clone, PartialEq, Eq)]
pub struct NewOutbound {
    /// Its id; `UUIDv7`, so that ids are in the order of submission within a process.
    pub id: Uuid,
    /// Who submitted it: idempotency keys are a client's own. At most 256 bytes.
    pub client: String,
    /// The client's key. At most 128 bytes.
    pub key: String,
    /// Digest of what was asked for: a key that is used again for something else is a conflict.
    pub digest: Bytes,
    /// Channel slug.
    pub channel: String,
    /// The account that sends, as `<endpoint>/<external id>`. The channel's ids are unique with the part behind the first
    /// slash, which is [`Word::account`].
    pub account: String,
    /// The conversation whose order it keeps.
    pub conversation: Uuid,
    /// How long to wait before its first turn.
    pub delay: Duration,
    /// Time from now after which it is not worth sending.
    pub lifetime: Duration,
    /// Number for [`OutboundFilter::states`].
    pub state: i32,
    /// All that its owner knows of it.
    pub record: Bytes,
}

/// An outbound message as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Outbound {
    /// See [`NewOutbound`].
    pub id: Uuid,
    /// See [`NewOutbound`].
    pub client: String,
    /// See [`NewOutbound`].
    pub key: String,
    /// See [`NewOutbound`].
    pub digest: Bytes,
    /// See [`NewOutbound`].
    pub channel: String,
    /// See [`NewOutbound`].
    pub account: String,
    /// See [`NewOutbound`].
    pub conversation: Uuid,
    /// Where it stands.
    pub phase: Phase,
    /// Its owner's number of where it stands.
    pub state: i32,
    /// Counts its turns. Whoever writes with an older one is refused.
    pub turn: u64,
    /// When it may have its next turn, in microseconds since 1970 by the store's clock. While it is being sent and when it
    /// has ended: when it might have had its last one.
    pub due_at: i64,
    /// When it is not worth sending any more, likewise.
    pub expires_at: i64,
    /// When it was submitted, likewise.
    pub created_at: i64,
    /// When it last changed, likewise.
    pub updated_at: i64,
    /// All that its owner knows of it.
    pub record: Bytes,
}

// By hand, both: the record holds what is sent.
impl std::fmt::Debug for NewOutbound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewOutbound").field("id", &self.id).field("channel", &self.channel).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Outbound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { id, channel, phase, state, turn, .. } = self;
        f.debug_struct("Outbound")
            .field("id", id)
            .field("channel", channel)
            .field("phase", phase)
            .field("state", state)
            .field("turn", turn)
            .finish_non_exhaustive()
    }
}

/// What became of a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Submitted {
    /// It is kept.
    Fresh(Outbound),
    /// The client used the key before: this is what it was used for, as it stands now. Whether it is the same is for the
    /// caller to see by the digest.
    Known(Outbound),
}

/// Whether a dispatcher may go on with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// It is this dispatcher's until it writes or the lease is over.
    Yours(Outbound),
    /// The dispatcher that had it is gone, or too slow: it is this one's now, and nobody knows how far the other came.
    TakenOver(Outbound),
    /// Not now: it is not due, another one of its conversation goes first, its account is paused, or another dispatcher
    /// has it.
    NotNow,
    /// It has ended, or there is no such message.
    Over,
}

/// Whom a message that was tried and waits holds up, of its conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hold {
    /// Nobody: it waits for the clock, not for the channel. When it is due it goes behind what waits.
    Nobody,
    /// What was submitted after it.
    Order,
    /// Everything: the channel has some of it and not all, and nothing comes in between.
    Whole,
}

/// What a dispatcher writes.
#[derive(Clone, PartialEq, Eq)]
pub struct Written {
    /// Which message.
    pub id: Uuid,
    /// The turn it was given with.
    pub turn: u64,
    /// Where it stands from now on. `Sending` keeps the turn and begins its lease anew.
    pub phase: Phase,
    /// Its owner's number of where it stands.
    pub state: i32,
    /// For `Waiting`: how long until its next turn. For `Sending`: the lease. Not used for `Ended`.
    pub delay: Duration,
    /// All that its owner knows of it.
    pub record: Bytes,
    /// For `Waiting`: whom it holds up.
    pub hold: Hold,
    /// The channel's ids it was given since the last write, with the piece of the message they stand for. An id that belongs
    /// to a message already stays with that.
    pub ids: Vec<(String, u32)>,
}

// By hand: the record holds what is sent.
impl std::fmt::Debug for Written {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { id, turn, phase, state, .. } = self;
        f.debug_struct("Written")
            .field("id", id)
            .field("turn", turn)
            .field("phase", phase)
            .field("state", state)
            .finish_non_exhaustive()
    }
}

/// What followed from a write.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Freed {
    /// Another message of the same conversation whose turn it is now, where this one is not being sent any more.
    pub next: Option<Uuid>,
    /// Receipts for the new ids had come before the ids were known, and nobody has told of them.
    pub early: bool,
}

/// Which outbound messages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutboundFilter {
    /// Only of these clients; empty: of all.
    pub clients: Vec<String>,
    /// Only of these states; empty: of all.
    pub states: Vec<i32>,
    /// Only of this channel.
    pub channel: Option<String>,
    /// Only of this conversation.
    pub conversation: Option<Uuid>,
}

/// The channel's word about a message it was given.
#[derive(Clone, PartialEq, Eq)]
pub struct Word {
    /// Channel slug.
    pub channel: String,
    /// The channel's id of the account, which with the channel makes the message's id unique.
    pub account: String,
    /// The channel's id of the message.
    pub provider_id: String,
    /// How far it has come: a number that only grows. 0: it exists (an echo).
    pub status: i32,
    /// When that was by the channel, in microseconds since 1970.
    pub at: i64,
    /// The channel's code of a failure.
    pub code: Option<String>,
}

// By hand: ids of mails hold addresses.
impl std::fmt::Debug for Word {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Word").field("channel", &self.channel).field("status", &self.status).finish_non_exhaustive()
    }
}

/// One of the channel's ids that an outbound message was given.
#[derive(Clone, PartialEq, Eq)]
pub struct Given {
    /// The outbound message.
    pub outbound: Uuid,
    /// Which piece of it, from 0.
    pub piece: u32,
    /// The channel's id.
    pub provider_id: String,
    /// How far it has come.
    pub status: i32,
    /// When that was, in microseconds since 1970.
    pub status_at: i64,
    /// The channel's code of a failure.
    pub code: Option<String>,
    /// An event has told subscribers of this status.
    pub told: bool,
}

impl std::fmt::Debug for Given {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { outbound, piece, status, told, .. } = self;
        f.debug_struct("Given")
            .field("outbound", outbound)
            .field("piece", piece)
            .field("status", status)
            .field("told", told)
            .finish_non_exhaustive()
    }
}

/// The outbound messages.
#[async_trait]
pub trait Outbox: Send + Sync + 'static {
    /// Keeps a new message, unless its client used the key within the last `keys_last`; an older key stands for the new
    /// message from then on. On disk before the answer.
    async fn submit(&self, new: &NewOutbound, keys_last: Duration) -> Result<Submitted, StoreError>;

    /// One of them.
    async fn outbound(&self, id: Uuid) -> Result<Option<Outbound>, StoreError>;

    /// The one a client's key stands for.
    async fn outbound_by_key(&self, client: &str, key: &str) -> Result<Option<Outbound>, StoreError>;

    /// Lists them, newest first, at most `limit`; `before` is the last one of the page before. Nothing comes after one that
    /// is not kept any more.
    async fn list_outbound(
        &self,
        filter: &OutboundFilter,
        before: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<Outbound>, StoreError>;

    /// Asks for a message's turn, for at least `lease`. On disk before the answer. What is past its `expires_at` gets its
    /// turn like any other: its owner ends it. At most one message of a conversation is being sent.
    async fn turn(&self, id: Uuid, lease: Duration) -> Result<Turn, StoreError>;

    /// Writes what a dispatcher did. On disk before the answer. `None`: the turn is over, nothing was written. A turn whose
    /// lease is over and that nobody took over is not over yet.
    async fn write(&self, written: &Written) -> Result<Option<Freed>, StoreError>;

    /// Changes a message that nobody is sending: cancels it, or has it wait once more. Only while it is of `from` and its
    /// turn is still the number given; `None` when it is not, nothing was written, and always where either phase is
    /// [`Phase::Sending`]. `lifetime` begins anew where it is given.
    async fn rewrite(
        &self,
        written: &Written,
        from: Phase,
        lifetime: Option<Duration>,
    ) -> Result<Option<Freed>, StoreError>;

    /// Messages of some channels whose turn it is and that nobody has asked for, or whose dispatcher is gone; those that
    /// have waited longest first, at most `limit`. Of paused accounts only what has expired.
    async fn due(&self, channels: &[String], limit: u32) -> Result<Vec<(String, Uuid)>, StoreError>;

    /// How many wait or are being sent, by channel and account, in their order.
    async fn count_waiting(&self) -> Result<Vec<(String, String, u64)>, StoreError>;

    /// Notes the channel's words. A status never goes back. Words about ids that no message has been given are remembered
    /// for a day, as the word may be faster than the answer to the call. Answers with what is known of each id that belongs
    /// to a message, in no order; `told` is false where the word was news.
    async fn note(&self, words: &[Word]) -> Result<Vec<Given>, StoreError>;

    /// The ids of a conversation's messages that were given to the channel at or before a moment and whose status is less
    /// than one: what a watermark speaks of. Newest first, at most `limit`. What counts is when the giving began (the turn,
    /// or the ids written before), as the channel's own time of the message is before its answer.
    async fn before(&self, conversation: Uuid, at: i64, status: i32, limit: u32) -> Result<Vec<Given>, StoreError>;

    /// All ids of one message, by piece.
    async fn given(&self, outbound: Uuid) -> Result<Vec<Given>, StoreError>;

    /// Which messages the channel's ids belong to, in the order asked; for events on their way in.
    async fn whose(
        &self,
        channel: &str,
        account: &str,
        provider_ids: &[String],
    ) -> Result<Vec<Option<Uuid>>, StoreError>;

    /// Events have told of these statuses: (channel's id as in [`Given`], outbound message, status).
    async fn told(&self, told: &[(Uuid, String, i32)]) -> Result<(), StoreError>;

    /// Ids whose status nobody has told for longer than `after`, oldest first, at most `limit`: whoever was to tell is gone.
    async fn untold(&self, after: Duration, limit: u32) -> Result<Vec<Given>, StoreError>;

    /// Drops messages that ended longer ago than `age`, with their ids, and words about unknown ids older than a day; a
    /// bounded number at once. How many; nothing is left to drop when it is 0.
    async fn expire_outbound(&self, age: Duration) -> Result<u64, StoreError>;
}
