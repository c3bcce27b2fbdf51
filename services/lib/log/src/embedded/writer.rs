//! The one thread that writes.

use std::fs::File;

use rusqlite::{Connection, params};
use tokio::sync::{mpsc, watch};
use tracing::{error, warn};

use super::{Append, retention::Retention, schema::position};
use crate::{AppendError, Record};

/// Records that may share one transaction.
const RECORDS_PER_COMMIT: usize = 2048;

pub(super) struct Writer {
    connection: Connection,
    heads: Vec<u64>,
    watchers: Vec<watch::Sender<u64>>,
    retention: Retention,
    // Held so that no other process opens the folder before the file is closed.
    _lock: File,
}

impl Writer {
    pub(super) fn new(
        connection: Connection,
        heads: Vec<u64>,
        watchers: Vec<watch::Sender<u64>>,
        retention: Retention,
        lock: File,
    ) -> Self {
        Self { connection, heads, watchers, retention, _lock: lock }
    }

    /// Writes until every sender is gone, then closes the file.
    pub(super) fn run(mut self, mut waiting: mpsc::Receiver<Append>) {
        while let Some(first) = waiting.blocking_recv() {
            let mut group = vec![first];
            let mut records = group.iter().map(|append| append.records.len()).sum::<usize>();
            while records < RECORDS_PER_COMMIT
                && let Ok(append) = waiting.try_recv()
            {
                records += append.records.len();
                group.push(append);
            }
            let outcome = self.commit(&group).map_err(|reason| {
                error!(%reason, "events cannot be stored, senders are told to try again");
                AppendError::Storage(reason.to_string())
            });
            let added: usize = group.iter().flat_map(|append| &append.records).map(|record| record.bytes.len()).sum();
            // Readers see it before its sender is answered.
            self.announce();
            for append in group {
                // A sender that no longer waits was told by its own deadline.
                drop(append.done.send(outcome.clone()));
            }
            if outcome.is_ok()
                && let Err(reason) = self.retention.run_when_due(&self.connection, added.try_into().unwrap_or(u64::MAX))
            {
                warn!(%reason, "old events cannot be removed");
            }
        }
        drop(self.connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)"));
    }

    fn commit(&mut self, group: &[Append]) -> rusqlite::Result<()> {
        let mut heads = self.heads.clone();
        let transaction = self.connection.unchecked_transaction()?;
        for record in group.iter().flat_map(|append| &append.records) {
            let head = usize::try_from(record.partition).ok().and_then(|index| heads.get_mut(index));
            let head = head.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
            insert(&transaction, record, *head)?;
            *head += 1;
        }
        for (partition, (new, old)) in heads.iter().zip(&self.heads).enumerate() {
            if new != old {
                transaction
                    .prepare_cached("UPDATE head SET next = ?2 WHERE partition = ?1")?
                    .execute(params![as_i64(partition), as_i64(*new)])?;
            }
        }
        transaction.commit()?;
        self.heads = heads;
        Ok(())
    }

    fn announce(&self) {
        for (head, watcher) in self.heads.iter().zip(&self.watchers) {
            watcher.send_if_modified(|seen| std::mem::replace(seen, *head) != *head);
        }
    }
}

fn insert(connection: &Connection, record: &Record, offset: u64) -> rusqlite::Result<()> {
    let meta = &record.meta;
    connection
        .prepare_cached(
            "INSERT INTO entry (position, id, channel, account, kind, conversation, contact, received_at, traceparent, \
             envelope) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            position(record.partition, offset),
            meta.id.as_bytes(),
            meta.channel,
            meta.account,
            i32::from(meta.kind),
            meta.conversation.as_ref().map(uuid::Uuid::as_bytes),
            meta.contact.as_ref().map(uuid::Uuid::as_bytes),
            meta.received_at,
            meta.traceparent,
            &record.bytes[..],
        ])?;
    Ok(())
}

fn as_i64(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}
