//! Removing what has grown too old or too much.

use std::time::{Duration, Instant, SystemTime};

use rusqlite::{Connection, OptionalExtension as _, Result, params};

use super::schema::position;

/// How often to look, and at least each time this part of the allowed size was added.
const EVERY: Duration = Duration::from_secs(10);
const PART: u64 = 16;
/// Entries removed in one go; appends wait meanwhile.
const STEP: usize = 2_000;

pub(super) struct Retention {
    max_age: Duration,
    max_bytes: u64,
    now: fn() -> SystemTime,
    due: Instant,
    added: u64,
}

impl Retention {
    pub(super) fn of(config: &super::Config) -> Self {
        Self { max_age: config.max_age, max_bytes: config.max_bytes, now: config.now, due: Instant::now(), added: 0 }
    }

    /// Removes one step of the oldest entries. When more is left to remove, it goes on after the next commit.
    pub(super) fn run_when_due(&mut self, connection: &Connection, added: u64) -> Result<()> {
        self.added += added;
        if Instant::now() < self.due && self.added < self.max_bytes / PART {
            return Ok(());
        }
        self.added = 0;
        let removed = self.run(connection)?;
        if removed < STEP {
            self.due = Instant::now() + EVERY;
        }
        Ok(())
    }

    fn run(&self, connection: &Connection) -> Result<usize> {
        let partitions: u32 = connection.query_row("SELECT count(*) FROM head", [], |row| row.get(0))?;
        let age = (self.now)().checked_sub(self.max_age).and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok());
        let cutoff = age.and_then(|at| i64::try_from(at.as_micros()).ok()).unwrap_or_default();
        let mut removed = 0;
        for partition in 0..partitions {
            removed += remove_older(connection, partition, cutoff)?;
        }
        while removed < STEP && size(connection)? > self.max_bytes {
            let fronts = (0..partitions).map(|partition| Ok((front(connection, partition)?, partition)));
            let fronts = fronts.collect::<Result<Vec<(Option<i64>, u32)>>>()?;
            let Some((_, partition)) = fronts.into_iter().filter(|(at, _)| at.is_some()).min() else { break };
            removed += remove_front(connection, partition, position(partition, u64::MAX), STEP / 10)?;
        }
        if removed > 0 {
            give_back(connection)?;
        }
        Ok(removed)
    }
}

/// Gives some of what is free in the file back to the disk.
pub(super) fn give_back(connection: &Connection) -> Result<()> {
    connection.execute_batch("PRAGMA incremental_vacuum(256)")
}

/// Bytes in use in the file, which is what the disk feels.
pub(super) fn size(connection: &Connection) -> Result<u64> {
    let pragma = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let pages = pragma("page_count")? - pragma("freelist_count")?;
    Ok(u64::try_from(pages * pragma("page_size")?).unwrap_or_default())
}

/// When the oldest entry of a partition arrived.
fn front(connection: &Connection, partition: u32) -> Result<Option<i64>> {
    connection
        .prepare_cached("SELECT received_at FROM entry WHERE position BETWEEN ?1 AND ?2 ORDER BY position LIMIT 1")?
        .query_row(params![position(partition, 0), position(partition, u64::MAX)], |row| row.get(0))
        .optional()
}

/// Removes the run of old entries at the front of a partition. One that is older by the clock but stands behind a
/// younger one stays with it, so that what is left has no holes.
fn remove_older(connection: &Connection, partition: u32, cutoff: i64) -> Result<usize> {
    let (from, to) = (position(partition, 0), position(partition, u64::MAX));
    let first_kept: Option<i64> = connection
        .prepare_cached(
            "SELECT position FROM entry WHERE position BETWEEN ?1 AND ?2 AND received_at >= ?3 ORDER BY position LIMIT 1",
        )?
        .query_row(params![from, to, cutoff], |row| row.get(0))
        .optional()?;
    remove_front(connection, partition, first_kept.map_or(to, |kept| kept - 1), STEP)
}

pub(super) fn remove_front(connection: &Connection, partition: u32, to: i64, most: usize) -> Result<usize> {
    connection
        .prepare_cached(
            "DELETE FROM entry WHERE position IN \
             (SELECT position FROM entry WHERE position BETWEEN ?1 AND ?2 ORDER BY position LIMIT ?3)",
        )?
        .execute(params![position(partition, 0), to, i64::try_from(most).unwrap_or(i64::MAX)])
}
