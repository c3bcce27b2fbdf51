//! What an engine offers.

use std::ops::Range;

use async_trait::async_trait;
use tokio::sync::mpsc;

use crate::{Entry, Filter, Record};

/// An event log.
#[async_trait]
pub trait EventLog: Send + Sync + 'static {
    /// How many partitions there are; fixed for the life of the log.
    fn partitions(&self) -> u32;

    /// Stores records in order. `Ok` means every one of them is durable. After an error some may be: the caller
    /// repeats all of them, and readers know repeats by their id.
    async fn append(&self, records: Vec<Record>) -> Result<(), AppendError>;

    /// As [`append`](Self::append), for who asked which partitions hold back events that their senders were told are safe: what is
    /// appended there comes behind those. The state store says so with its claims; it need not be asked again of the others.
    async fn append_behind(&self, records: Vec<Record>, _spooled: &[u32]) -> Result<(), AppendError> {
        self.append(records).await
    }

    /// The offset of the oldest entry held, or one before it with nothing between; the head when there is none.
    async fn oldest(&self, partition: u32) -> Result<u64, ReadError>;

    /// The offset behind the newest entry.
    async fn head(&self, partition: u32) -> Result<u64, ReadError>;

    /// The same, where this process knows it without asking anybody.
    fn known_head(&self, _partition: u32) -> Option<u64> {
        None
    }

    /// How many entries lie from one offset up to another: none only where there are none. An estimate, where offsets are not
    /// consecutive.
    fn events_between(&self, from: u64, to: u64) -> u64 {
        to.saturating_sub(from)
    }

    /// The offset of the first entry received at or after a moment (microseconds since 1970); the head when there is
    /// none. Arrival times are nearly in order, so entries behind it may be a little older.
    async fn offset_at(&self, partition: u32, received_at: i64) -> Result<u64, ReadError>;

    /// Entries of a range that match, in order, up to a limit. `Expired` when the range begins before the oldest.
    async fn read(&self, partition: u32, range: Range<u64>, filter: &Filter, limit: Limit) -> Result<Page, ReadError>;

    /// The newest entry with that id, looked for in one partition or in all.
    async fn find(&self, id: uuid::Uuid, partition: Option<u32>) -> Result<Option<Entry>, ReadError>;

    /// Whether an event that was received at or after a moment is stored. Looks at entries from there on.
    async fn holds(&self, id: uuid::Uuid, partition: u32, since: i64) -> Result<bool, ReadError> {
        const PAGE: Limit = Limit { entries: 1000, bytes: 1 << 20, scanned: 10_000 };
        let (mut from, head) = (self.offset_at(partition, since).await?, self.head(partition).await?);
        while from < head {
            let page = self.read(partition, from..head, &Filter::default(), PAGE).await?;
            if page.entries.iter().any(|entry| entry.meta.id == id) {
                return Ok(true);
            }
            from = page.next;
        }
        Ok(false)
    }

    /// Entries from an offset on, as they are stored. The receiver closes when the engine cannot go on; follow again
    /// from behind the last entry.
    async fn follow(&self, partition: u32, from: u64) -> Result<Tail, ReadError>;
}

/// Entries as they are stored.
pub type Tail = mpsc::Receiver<Entry>;

/// How much one read may take.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// Entries returned.
    pub entries: usize,
    /// Bytes of envelopes returned; one entry is returned in any case.
    pub bytes: usize,
    /// Entries looked at.
    pub scanned: usize,
}

/// What one read found.
#[derive(Debug)]
pub struct Page {
    /// In order.
    pub entries: Vec<Entry>,
    /// Where to go on reading; the end of the range when all of it was looked at.
    pub next: u64,
}

/// Why records were not stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// There is no connection to the broker.
    #[error("the broker is not reachable")]
    Unavailable,
    /// The broker is there and takes nothing: it is short of memory or disk.
    #[error("the broker blocks publishers")]
    Blocked,
    /// The broker did not confirm in time; the records may be stored.
    #[error("the broker did not confirm in time")]
    TimedOut,
    /// The connection went before the broker confirmed; the records may be stored.
    #[error("the connection to the broker was lost")]
    Lost,
    /// The broker refused.
    #[error("the broker refused the message")]
    Refused,
    /// The broker took the message and has no queue for it.
    #[error("no queue is bound for the message")]
    Unroutable,
    /// The disk is full or the file cannot be written.
    #[error("the log cannot be written: {0}")]
    Storage(String),
    /// The log holds as much as it may, and nothing in it may be dropped for something new.
    #[error("there is no room for more events")]
    Full,
    /// Too much is waiting to be stored.
    #[error("too many events wait to be stored")]
    Overloaded,
}

impl AppendError {
    /// The reason as a metric label.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Unavailable => "unavailable",
            Self::Blocked => "blocked",
            Self::TimedOut => "timed_out",
            Self::Lost => "lost",
            Self::Refused => "refused",
            Self::Unroutable => "unroutable",
            Self::Storage(_) => "storage",
            Self::Full => "full",
            Self::Overloaded => "overloaded",
        }
    }

    /// Whether some of the records may be stored all the same, so that storing them again may store them twice.
    pub const fn may_be_stored(&self) -> bool {
        match self {
            Self::TimedOut | Self::Lost | Self::Refused | Self::Unroutable => true,
            Self::Unavailable | Self::Blocked | Self::Storage(_) | Self::Full | Self::Overloaded => false,
        }
    }
}

/// Why the log could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The log no longer reaches back that far.
    #[error("the log begins at offset {oldest}")]
    Expired {
        /// The oldest entry held.
        oldest: u64,
    },
    /// The broker or file cannot be read now.
    #[error("the log cannot be read now: {0}")]
    Unavailable(String),
}
