//! Statements on a connection.

use bytes::Bytes;
use sqlx::{
    AssertSqlSafe, Column as _, Decode, PgConnection, Postgres, Row as _, TypeInfo as _, ValueRef as _,
    postgres::{PgArguments, PgRow},
    query::Query,
};
use uuid::Uuid;

use crate::{
    StoreError,
    engine::{Cell, Column, Dialect, Row, Session, Value, render},
};

const NOW: &str = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint";

const DIALECT: Dialect = &[
    ("now", NOW),
    // The server's clock is the one that all processes have.
    ("wall", NOW),
    // Weaker than FOR UPDATE: who only refers to the row need not wait.
    ("lock", "FOR NO KEY UPDATE"),
    ("lock w", "FOR NO KEY UPDATE OF w"),
    ("lock m", "FOR NO KEY UPDATE OF m"),
    ("lock g", "FOR NO KEY UPDATE OF g"),
    // Not rows: a conversation may have many messages that wait, and the next one may be on its way into the table.
    ("hold conversation", ", pg_advisory_xact_lock(hashtextextended(conversation::text, 0))"),
    ("lock kenh_claim", "FOR NO KEY UPDATE OF kenh_claim"),
    ("skip locked", "FOR UPDATE SKIP LOCKED"),
    ("find kenh_migration", "SELECT 1 WHERE to_regclass('kenh_migration') IS NOT NULL"),
    ("int", "BIGINT"),
    ("text", "TEXT COLLATE \"C\""),
    ("bytes", "BYTEA"),
    ("uuid", "UUID"),
    ("serial", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"),
    ("strict", ""),
];

/// A connection, or a transaction on one.
pub(super) struct PgSession<'c>(pub(super) &'c mut PgConnection);

type Statement = Query<'static, Postgres, PgArguments>;

impl PgSession<'_> {
    async fn run(&mut self, statement: Statement) -> Result<Vec<Row>, StoreError> {
        let rows = statement.fetch_all(&mut *self.0).await.map_err(|error| failed(&error))?;
        rows.iter().map(row).collect::<Result<_, _>>().map_err(|error| failed(&error))
    }
}

impl Session for PgSession<'_> {
    fn query(&mut self, sql: &str, values: Vec<Value>) -> impl Future<Output = Result<Vec<Row>, StoreError>> + Send {
        let statement = sqlx::query(AssertSqlSafe(render(sql, DIALECT)));
        self.run(values.into_iter().fold(statement, bind))
    }

    fn each(
        &mut self,
        sql: &str,
        values: Vec<Value>,
        columns: Vec<(&'static str, Column)>,
    ) -> impl Future<Output = Result<Vec<Row>, StoreError>> + Send {
        let arrays =
            (values.len() + 1..).zip(&columns).map(|(number, (_, column))| format!("${number}::{}", array(column)));
        let arrays = arrays.collect::<Vec<_>>().join(", ");
        let names = columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        let sql = render(sql, DIALECT).replace("{rows}", &format!("unnest({arrays}) AS r ({names})"));
        let statement = values.into_iter().fold(sqlx::query(AssertSqlSafe(sql)), bind);
        self.run(columns.into_iter().fold(statement, |statement, (_, column)| bind_all(statement, column)))
    }
}

fn bind(statement: Statement, value: Value) -> Statement {
    match value {
        Value::Int(number) => statement.bind(number),
        Value::Uuid(id) => statement.bind(id),
        Value::Text(text) => statement.bind(text),
        Value::Bytes(bytes) => statement.bind(Vec::from(bytes)),
    }
}

fn bind_all(statement: Statement, column: Column) -> Statement {
    match column {
        Column::Ints(numbers) => statement.bind(numbers),
        Column::Uuids(ids) => statement.bind(ids),
        Column::Texts(texts) => statement.bind(texts),
        Column::Bytes(all) => statement.bind(all.into_iter().map(Vec::from).collect::<Vec<_>>()),
    }
}

fn array(column: &Column) -> &'static str {
    match column {
        Column::Ints(_) => "bigint[]",
        Column::Uuids(_) => "uuid[]",
        Column::Texts(_) => "text[]",
        Column::Bytes(_) => "bytea[]",
    }
}

fn row(row: &PgRow) -> Result<Row, sqlx::Error> {
    let cells = row.columns().iter().map(|column| cell(row, column.ordinal()));
    cells.collect::<Result<_, _>>().map(Row::new)
}

fn cell(row: &PgRow, index: usize) -> Result<Cell, sqlx::Error> {
    let value = row.try_get_raw(index)?;
    if value.is_null() {
        return Ok(Cell::Null);
    }
    let kind = value.type_info().name().to_owned();
    let cell = match kind.as_str() {
        "INT8" => Decode::<Postgres>::decode(value).map(Cell::Int),
        "INT4" => <i32 as Decode<Postgres>>::decode(value).map(|number| Cell::Int(number.into())),
        "UUID" => <Uuid as Decode<Postgres>>::decode(value).map(Cell::Uuid),
        "TEXT" => Decode::<Postgres>::decode(value).map(Cell::Text),
        "BYTEA" => <Vec<u8> as Decode<Postgres>>::decode(value).map(|bytes| Cell::Bytes(Bytes::from(bytes))),
        // The answer of a function that has none.
        _ => Ok(Cell::Null),
    };
    cell.map_err(sqlx::Error::Decode)
}

/// What to say of an error: the server's sentence and its number, never its details, which repeat values.
pub(super) fn failed(error: &sqlx::Error) -> StoreError {
    match error.as_database_error() {
        Some(said) => {
            let code = said.code().map_or_else(String::new, |code| format!(" ({code})"));
            StoreError(format!("PostgreSQL says: {}{code}", said.message()))
        }
        None if matches!(error, sqlx::Error::PoolTimedOut) => StoreError("no connection became free in time".into()),
        None => StoreError(format!("PostgreSQL: {error}")),
    }
}
