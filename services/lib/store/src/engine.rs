//! What an engine is to the calls: somewhere to run a statement.

mod dialect;
mod row;

use crate::{StoreError, call::Call};

pub(crate) use dialect::{Dialect, render};
pub(crate) use row::{Cell, Row};

use bytes::Bytes;
use uuid::Uuid;

/// Runs calls.
pub(crate) trait Engine: Send + Sync + 'static {
    /// Runs one, bounded in time.
    fn call<C: Call>(&self, call: C) -> impl Future<Output = Result<C::Answer, StoreError>> + Send;
}

/// A connection that a call has to itself.
pub(crate) trait Session: Send {
    /// Runs a statement with the values `$1`, `$2`, …
    fn query(&mut self, sql: &str, values: Vec<Value>) -> impl Future<Output = Result<Vec<Row>, StoreError>> + Send;

    /// Runs a statement over many rows: `{rows}` in it stands for a table `r` of these columns. Its result is that of
    /// all rows; on one engine it is one statement, on the other one for each row.
    fn each(
        &mut self,
        sql: &str,
        values: Vec<Value>,
        columns: Vec<(&'static str, Column)>,
    ) -> impl Future<Output = Result<Vec<Row>, StoreError>> + Send;
}

/// A value for a statement.
#[derive(Clone)]
pub(crate) enum Value {
    Int(i64),
    Uuid(Uuid),
    Text(String),
    Bytes(Bytes),
}

/// Values of one column.
pub(crate) enum Column {
    Ints(Vec<i64>),
    Uuids(Vec<Uuid>),
    Texts(Vec<Option<String>>),
    Bytes(Vec<Bytes>),
}

impl Column {
    /// A column of texts that are all there.
    pub(crate) fn texts<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        Self::Texts(texts.map(|text| Some(text.to_owned())).collect())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Int(number.into())
    }
}

impl From<Uuid> for Value {
    fn from(id: Uuid) -> Self {
        Self::Uuid(id)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<Bytes> for Value {
    fn from(bytes: Bytes) -> Self {
        Self::Bytes(bytes)
    }
}
