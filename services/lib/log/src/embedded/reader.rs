//! Reading, on connections of its own: with WAL, readers and the writer do not wait for each other.

use std::{ops::Range, path::Path, sync::Mutex};

use kenh_proto::v1::EventKind;
use rusqlite::{Connection, OptionalExtension as _, Result, Row, params, params_from_iter, types::Value};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::schema::{open_read_only, place, position};
use crate::{Entry, Filter, Limit, Meta, Page, ReadError};

/// Connections that read at the same time.
const CONNECTIONS: usize = 4;
/// How far arrival times may be out of order.
const DISORDER_MICROS: i64 = 10_000_000;

const COLUMNS: &str = "position, id, channel, account, kind, conversation, contact, received_at, traceparent, envelope";

/// The connections.
#[derive(Debug)]
pub(super) struct Readers {
    free: Semaphore,
    idle: std::sync::Arc<Mutex<Vec<Reader>>>,
}

impl Readers {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let idle = (0..CONNECTIONS).map(|_| open_read_only(path).map(Reader)).collect::<Result<Vec<_>>>()?;
        Ok(Self { free: Semaphore::new(CONNECTIONS), idle: std::sync::Arc::new(Mutex::new(idle)) })
    }

    /// Runs something on a connection, off the async threads.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Reader) -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, ReadError> {
        let unavailable = |reason: String| ReadError::Unavailable(reason);
        let _permit = self.free.acquire().await.map_err(|closed| unavailable(closed.to_string()))?;
        let idle = self.idle.clone();
        let task = tokio::task::spawn_blocking(move || {
            let take = || idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner).pop();
            let reader = take().ok_or_else(|| unavailable("every reader is busy".into()))?;
            let outcome = work(&reader).map_err(|error| unavailable(error.to_string()));
            idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(reader);
            outcome
        });
        task.await.map_err(|error| unavailable(error.to_string()))?
    }
}

/// One connection.
#[derive(Debug)]
pub(super) struct Reader(Connection);

impl Reader {
    pub(super) fn oldest(&self, partition: u32, head: u64) -> Result<u64> {
        let oldest: Option<i64> = self
            .0
            .prepare_cached("SELECT position FROM entry WHERE position BETWEEN ?1 AND ?2 ORDER BY position LIMIT 1")?
            .query_row(params![position(partition, 0), position(partition, u64::MAX)], |row| row.get(0))
            .optional()?;
        Ok(oldest.map_or(head, |oldest| place(oldest).1))
    }

    /// Looks for the place by halves, as arrival times nearly rise with the offset, then goes on entry by entry.
    pub(super) fn offset_at(&self, partition: u32, head: u64, received_at: i64) -> Result<u64> {
        let (mut low, mut high) = (self.oldest(partition, head)?, head);
        while low < high {
            let middle = low.midpoint(high);
            match self.received_at(partition, middle)? {
                Some(at) if at < received_at.saturating_sub(DISORDER_MICROS) => low = middle + 1,
                Some(_) | None => high = middle,
            }
        }
        let found: Option<i64> = self
            .0
            .prepare_cached(
                "SELECT position FROM entry WHERE position BETWEEN ?1 AND ?2 AND received_at >= ?3 ORDER BY position LIMIT 1",
            )?
            .query_row(params![position(partition, low), position(partition, u64::MAX), received_at], |row| row.get(0))
            .optional()?;
        Ok(found.map_or(head, |found| place(found).1))
    }

    fn received_at(&self, partition: u32, offset: u64) -> Result<Option<i64>> {
        self.0
            .prepare_cached("SELECT received_at FROM entry WHERE position = ?1")?
            .query_row(params![position(partition, offset)], |row| row.get(0))
            .optional()
    }

    pub(super) fn read(&self, partition: u32, range: Range<u64>, filter: &Filter, limit: Limit) -> Result<Page> {
        let mut page = Page { entries: Vec::new(), next: range.end.max(range.start) };
        if range.is_empty() {
            return Ok(page);
        }
        let (narrowed, mut values) = narrow(filter);
        let sql = format!(
            "SELECT {COLUMNS} FROM entry WHERE position >= ? AND position < ?{narrowed} ORDER BY position LIMIT ?"
        );
        values.insert(0, position(partition, range.start).into());
        values.insert(1, position(partition, range.end).into());
        values.push(i64::try_from(limit.scanned).unwrap_or(i64::MAX).into());
        let mut statement = self.0.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(values))?;
        let (mut scanned, mut bytes) = (0, 0);
        while let Some(row) = rows.next()? {
            let entry = entry(row)?;
            scanned += 1;
            let wanted = filter.matches(&entry.meta);
            let full = page.entries.len() >= limit.entries
                || (!page.entries.is_empty() && bytes + entry.bytes.len() > limit.bytes);
            if wanted && full {
                page.next = entry.offset;
                return Ok(page);
            }
            if scanned >= limit.scanned {
                page.next = entry.offset + 1;
            }
            if wanted {
                bytes += entry.bytes.len();
                page.entries.push(entry);
            }
        }
        Ok(page)
    }

    pub(super) fn find(&self, id: Uuid) -> Result<Option<Entry>> {
        self.0
            .prepare_cached(&format!("SELECT {COLUMNS} FROM entry WHERE id = ?1 ORDER BY position DESC LIMIT 1"))?
            .query_row(params![id.as_bytes()], entry)
            .optional()
    }
}

/// The part of a filter that an index serves.
fn narrow(filter: &Filter) -> (String, Vec<Value>) {
    let (column, ids) = match (filter.conversations.as_slice(), filter.contacts.as_slice()) {
        ([], []) => return (String::new(), Vec::new()),
        ([], contacts) => ("contact", contacts),
        (conversations, _) => ("conversation", conversations),
    };
    let marks = vec!["?"; ids.len()].join(",");
    (format!(" AND {column} IN ({marks})"), ids.iter().map(|id| Value::Blob(id.as_bytes().to_vec())).collect())
}

fn entry(row: &Row<'_>) -> Result<Entry> {
    let uuid = |index: usize| -> Result<Option<Uuid>> {
        Ok(row.get::<_, Option<Vec<u8>>>(index)?.and_then(|bytes| Uuid::from_slice(&bytes).ok()))
    };
    let (partition, offset) = place(row.get(0)?);
    let meta = Meta {
        id: uuid(1)?.unwrap_or_default(),
        channel: row.get(2)?,
        account: row.get(3)?,
        kind: EventKind::try_from(row.get::<_, i32>(4)?).unwrap_or_default(),
        conversation: uuid(5)?,
        contact: uuid(6)?,
        received_at: row.get(7)?,
        traceparent: row.get(8)?,
    };
    Ok(Entry { partition, offset, meta, bytes: row.get::<_, Vec<u8>>(9)?.into() })
}
