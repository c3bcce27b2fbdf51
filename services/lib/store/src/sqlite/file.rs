//! Opening the file.

use std::{
    fs::{self, File},
    path::Path,
};

use rusqlite::Connection;

use super::session::SqliteSession;
use crate::{
    OpenError,
    config::Migrate,
    engine::Session,
    migrations::{self, MigrateError},
};

/// Opens the file and the lock that keeps other processes away from it.
pub(super) fn open(folder: &Path) -> Result<(SqliteSession, File), OpenError> {
    let lock = lock(folder)?;
    let unusable =
        |reason: String| OpenError::Database { place: folder.join("state.db").display().to_string(), reason };
    let connection = connect(&folder.join("state.db")).map_err(|error| unusable(error.to_string()))?;
    let mut session = SqliteSession::new(connection);
    session.now_or_fail(async |session| migrations::migrate(session, Migrate::Apply).await).map_err(
        |error| match error {
            MigrateError::Store(error) => unusable(error.0),
            error @ (MigrateError::Newer { .. } | MigrateError::Older { .. }) => unusable(error.to_string()),
        },
    )?;
    session
        .now_or_fail(async |session| {
            for sql in [
                "DELETE FROM kenh_member",
                "UPDATE kenh_window SET session = NULL, epoch = epoch + 1 WHERE session IS NOT NULL",
                "UPDATE kenh_claim SET lapses_at = 0 WHERE lapses_at > 0",
                "UPDATE kenh_outbound SET lease_until = 0 WHERE phase = 1",
                "DELETE FROM kenh_lease",
            ] {
                session.query(sql, Vec::new()).await?;
            }
            Ok(())
        })
        .map_err(|error: crate::StoreError| unusable(error.0))?;
    Ok((session, lock))
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "journal_size_limit", 64 << 20)?;
    connection.set_prepared_statement_cache_capacity(128);
    Ok(connection)
}

fn lock(folder: &Path) -> Result<File, OpenError> {
    let unwritable = |reason| OpenError::Folder { folder: folder.into(), reason };
    fs::create_dir_all(folder).map_err(unwritable)?;
    // Not the lock of the log, which may lie in the same folder.
    let file = File::create(folder.join("state.lock")).map_err(unwritable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(OpenError::Locked { folder: folder.into() }),
        Err(fs::TryLockError::Error(reason)) => Err(unwritable(reason)),
    }
}
