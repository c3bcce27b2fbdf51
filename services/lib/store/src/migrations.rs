//! The tables, version by version. What stands here never changes once it is released; what changes is a new version.

use crate::{
    StoreError,
    config::Migrate,
    engine::{Session, Value},
};

/// Statements of each version, in their order.
const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_first.sql"),
    include_str!("../migrations/0002_outbox.sql"),
    include_str!("../migrations/0003_accounts.sql"),
    include_str!("../migrations/0004_exchanges.sql"),
    include_str!("../migrations/0005_positions.sql"),
    include_str!("../migrations/0006_spool.sql"),
    include_str!("../migrations/0007_assemblies.sql"),
];

/// Why a database cannot be used, whatever is tried.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum MigrateError {
    #[error(
        "its tables have version {found}, which is newer than version {known} of this program: run the newer program, \
         or restore a backup from before its first start"
    )]
    Newer { found: u64, known: u64 },
    #[error(
        "its tables have version {found} and this program needs version {known}: start it once with \
         `store.postgres.migrate: apply` and a user that may create tables"
    )]
    Older { found: u64, known: u64 },
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn known() -> u64 {
    u64::try_from(MIGRATIONS.len()).unwrap_or(u64::MAX)
}

/// The version of the tables there are; 0 without any.
pub(crate) async fn version<S: Session>(session: &mut S) -> Result<u64, StoreError> {
    if session.query("{find kenh_migration}", Vec::new()).await?.is_empty() {
        return Ok(0);
    }
    let newest = session.query("SELECT coalesce(max(version), 0) FROM kenh_migration", Vec::new()).await?;
    let newest = newest.into_iter().next().map_or(Ok(0), |mut row| row.int())?;
    Ok(u64::try_from(newest).unwrap_or_default())
}

/// Brings the tables to this program's version, or says why not. In a transaction that nobody else has meanwhile.
pub(crate) async fn migrate<S: Session>(session: &mut S, what: Migrate) -> Result<(), MigrateError> {
    let (found, known) = (version(session).await?, known());
    if found > known {
        return Err(MigrateError::Newer { found, known });
    }
    if found < known && what == Migrate::Check {
        return Err(MigrateError::Older { found, known });
    }
    if found == 0 {
        let sql =
            "CREATE TABLE kenh_migration (version {int} NOT NULL PRIMARY KEY, applied_at {int} NOT NULL) {strict}";
        session.query(sql, Vec::new()).await?;
    }
    let missing = (1..).zip(MIGRATIONS).skip(usize::try_from(found).unwrap_or(usize::MAX));
    for (version, statements) in missing {
        // No statement of ours holds a semicolon inside.
        for statement in statements.split(';').filter(|statement| !statement.trim().is_empty()) {
            session.query(statement, Vec::new()).await?;
        }
        let sql = "INSERT INTO kenh_migration (version, applied_at) VALUES ($1, {now})";
        session.query(sql, vec![Value::Int(version)]).await?;
    }
    Ok(())
}
