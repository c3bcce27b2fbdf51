//! Statements on the one connection.

use std::{future::ready, time::Instant};

use bytes::Bytes;
use futures_util::FutureExt as _;
use kenh_runtime::clock;
use rusqlite::{Connection, types::Value as Sql};

use crate::{
    StoreError,
    call::Call,
    engine::{Cell, Column, Dialect, Row, Session, Value, render},
};

/// The parameter of the time that leases count by; above every other but the next.
const NOW: usize = 31;
/// The parameter of the time of day.
const WALL: usize = 32;

const DIALECT: Dialect = &[
    ("now", "?31"),
    ("wall", "?32"),
    // One connection: nobody else is there.
    ("lock", ""),
    ("lock w", ""),
    ("lock m", ""),
    ("lock g", ""),
    ("lock kenh_claim", ""),
    ("hold conversation", ""),
    ("skip locked", ""),
    ("find kenh_migration", "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'kenh_migration'"),
    ("int", "INTEGER"),
    ("text", "TEXT"),
    ("bytes", "BLOB"),
    ("uuid", "BLOB"),
    ("serial", "INTEGER PRIMARY KEY AUTOINCREMENT"),
    ("strict", "STRICT"),
];

/// The connection.
pub(super) struct SqliteSession {
    connection: Connection,
    opened: Instant,
    opened_at: i64,
}

impl SqliteSession {
    pub(super) fn new(connection: Connection) -> Self {
        Self { connection, opened: Instant::now(), opened_at: clock::micros(clock::now()) }
    }

    /// Runs a call, all of it or nothing; `durable`: on disk when this returns.
    pub(super) fn transaction<C: Call>(&mut self, durable: bool, call: C) -> Result<C::Answer, StoreError> {
        self.set_durable(durable)?;
        self.now_or_fail(async |session| call.run(session).await)
    }

    /// As [`Self::transaction`]; nothing here ever waits.
    pub(super) fn now_or_fail<T, E: From<StoreError>>(
        &mut self,
        work: impl AsyncFnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        self.batch("BEGIN IMMEDIATE")?;
        let never = || Err(StoreError("a statement did not come to an end".into()).into());
        let outcome = work(self).now_or_never().unwrap_or_else(never);
        let ended = if outcome.is_ok() { self.batch("COMMIT") } else { Ok(()) };
        if (outcome.is_err() || ended.is_err()) && !self.connection.is_autocommit() {
            self.batch("ROLLBACK")?;
        }
        ended?;
        outcome
    }

    /// Leaves as little as possible beside the file.
    pub(super) fn close(&self) {
        // What stays in the write-ahead log is read from there the next time.
        drop(self.batch("PRAGMA wal_checkpoint(TRUNCATE)"));
    }

    fn set_durable(&self, durable: bool) -> Result<(), StoreError> {
        self.batch(if durable { "PRAGMA synchronous = FULL" } else { "PRAGMA synchronous = NORMAL" })
    }

    fn batch(&self, sql: &str) -> Result<(), StoreError> {
        self.connection.execute_batch(sql).map_err(|error| failed(&error))
    }

    /// Microseconds since 1970 that go on evenly whatever happens to the system's clock.
    fn now(&self) -> i64 {
        let elapsed = i64::try_from(self.opened.elapsed().as_micros()).unwrap_or(i64::MAX);
        self.opened_at.saturating_add(elapsed)
    }

    fn run(&self, sql: &str, rows: &[Vec<Sql>]) -> rusqlite::Result<Vec<Row>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let columns = statement.column_count();
        let parameters = statement.parameter_count();
        let mut found = Vec::new();
        for values in rows {
            if parameters >= NOW {
                statement.raw_bind_parameter(NOW, self.now())?;
            }
            if parameters >= WALL {
                statement.raw_bind_parameter(WALL, clock::micros(clock::now()))?;
            }
            for (index, value) in (1..).zip(values) {
                statement.raw_bind_parameter(index, value)?;
            }
            let mut answers = statement.raw_query();
            while let Some(row) = answers.next()? {
                let cells = (0..columns).map(|index| row.get(index).map(cell)).collect::<rusqlite::Result<_>>()?;
                found.push(Row::new(cells));
            }
        }
        Ok(found)
    }
}

impl Session for SqliteSession {
    fn query(&mut self, sql: &str, values: Vec<Value>) -> impl Future<Output = Result<Vec<Row>, StoreError>> + Send {
        let values = values.into_iter().map(literal).collect();
        ready(self.run(&numbered(&render(sql, DIALECT)), &[values]).map_err(|error| failed(&error)))
    }

    fn each(
        &mut self,
        sql: &str,
        values: Vec<Value>,
        columns: Vec<(&'static str, Column)>,
    ) -> impl Future<Output = Result<Vec<Row>, StoreError>> + Send {
        let names = (values.len() + 1..).zip(&columns).map(|(number, (name, _))| format!("?{number} AS {name}"));
        let table = format!("(SELECT {}) AS r", names.collect::<Vec<_>>().join(", "));
        let sql = numbered(&render(sql, DIALECT)).replace("{rows}", &table);
        let shared: Vec<_> = values.into_iter().map(literal).collect();
        let mut columns: Vec<_> = columns.into_iter().map(|(_, column)| literals(column)).collect();
        let mut rows = Vec::new();
        // Until one of them is at its end.
        while let Some(own) = columns.iter_mut().map(Iterator::next).collect::<Option<Vec<_>>>() {
            rows.push(shared.iter().cloned().chain(own).collect());
        }
        ready(self.run(&sql, &rows).map_err(|error| failed(&error)))
    }
}

/// `$1` is a name to SQLite and `?1` a number.
fn numbered(sql: &str) -> String {
    sql.replace('$', "?")
}

fn literal(value: Value) -> Sql {
    match value {
        Value::Int(number) => Sql::Integer(number),
        Value::Uuid(id) => Sql::Blob(id.as_bytes().to_vec()),
        Value::Text(text) => Sql::Text(text),
        Value::Bytes(bytes) => Sql::Blob(bytes.into()),
    }
}

fn literals(column: Column) -> Box<dyn Iterator<Item = Sql>> {
    match column {
        Column::Ints(numbers) => Box::new(numbers.into_iter().map(Sql::Integer)),
        Column::Uuids(ids) => Box::new(ids.into_iter().map(|id| Sql::Blob(id.as_bytes().to_vec()))),
        Column::Texts(texts) => Box::new(texts.into_iter().map(|text| text.map_or(Sql::Null, Sql::Text))),
        Column::Bytes(all) => Box::new(all.into_iter().map(|bytes| Sql::Blob(bytes.into()))),
    }
}

fn cell(value: Sql) -> Cell {
    match value {
        // No column of ours holds a fraction.
        Sql::Null | Sql::Real(_) => Cell::Null,
        Sql::Integer(number) => Cell::Int(number),
        Sql::Text(text) => Cell::Text(text),
        Sql::Blob(bytes) => Cell::Bytes(Bytes::from(bytes)),
    }
}

fn failed(error: &rusqlite::Error) -> StoreError {
    StoreError(error.to_string())
}
