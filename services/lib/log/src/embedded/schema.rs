//! The tables, and how positions are written.
//!
//! An entry's key packs partition and offset into one integer, so that each partition is one run of the table's own
//! tree and appending touches its end only.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, Result, params};

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS entry (
        position INTEGER PRIMARY KEY,
        id BLOB NOT NULL,
        channel TEXT NOT NULL,
        account TEXT,
        kind INTEGER NOT NULL,
        conversation BLOB,
        contact BLOB,
        received_at INTEGER NOT NULL,
        traceparent TEXT,
        envelope BLOB NOT NULL
    ) STRICT;
    -- Kept apart from the entries: an offset is not given twice after the entries of a partition are gone.
    CREATE TABLE IF NOT EXISTS head (partition INTEGER PRIMARY KEY, next INTEGER NOT NULL) STRICT;
";

/// For readers that look for something; a spool is only read from its front.
pub(super) const INDEXES: &str = "
    CREATE INDEX IF NOT EXISTS entry_id ON entry (id);
    CREATE INDEX IF NOT EXISTS entry_conversation ON entry (conversation, position) WHERE conversation IS NOT NULL;
    CREATE INDEX IF NOT EXISTS entry_contact ON entry (contact, position) WHERE contact IS NOT NULL;
";

const OFFSET_BITS: u32 = 40;

/// The key of an entry. 2^40 offsets a partition: a thousand events a second for 34 years.
pub(super) fn position(partition: u32, offset: u64) -> i64 {
    (i64::from(partition) << OFFSET_BITS) | i64::try_from(offset).unwrap_or(i64::MAX).min((1 << OFFSET_BITS) - 1)
}

/// The partition and offset of a key.
pub(super) fn place(position: i64) -> (u32, u64) {
    let offset = position & ((1 << OFFSET_BITS) - 1);
    (u32::try_from(position >> OFFSET_BITS).unwrap_or_default(), u64::try_from(offset).unwrap_or_default())
}

pub(super) fn open(path: &Path) -> Result<Connection> {
    let connection = Connection::open(path)?;
    // So that retention gives space back to the disk in small steps; must come before the first table.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "journal_size_limit", 64 << 20)?;
    connection.set_prepared_statement_cache_capacity(32);
    connection.execute_batch(SCHEMA)?;
    Ok(connection)
}

pub(super) fn open_read_only(path: &Path) -> Result<Connection> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    Ok(connection)
}

/// How many partitions the log has, after giving a new one as many as asked for.
pub(super) fn partitions(connection: &Connection, wanted: u32) -> Result<u32> {
    let count = || connection.query_row("SELECT count(*) FROM head", [], |row| row.get(0));
    let found: u32 = count()?;
    if found > 0 {
        return Ok(found);
    }
    let transaction = connection.unchecked_transaction()?;
    for partition in 0..wanted {
        transaction.execute("INSERT INTO head (partition, next) VALUES (?1, 0)", params![partition])?;
    }
    transaction.commit()?;
    count()
}

/// The next offset of every partition.
pub(super) fn heads(connection: &Connection, partitions: u32) -> Result<Vec<u64>> {
    let mut heads = connection.prepare("SELECT next FROM head ORDER BY partition LIMIT ?1")?;
    let rows = heads.query_map(params![partitions], |row| row.get::<_, i64>(0))?;
    rows.map(|next| Ok(u64::try_from(next?).unwrap_or_default())).collect()
}
