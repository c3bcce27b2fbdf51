//! What a statement answers.

use bytes::Bytes;
use uuid::Uuid;

use crate::StoreError;

/// One value of a row.
pub(crate) enum Cell {
    Null,
    Int(i64),
    Text(String),
    Bytes(Bytes),
    Uuid(Uuid),
}

/// A row, read from left to right.
pub(crate) struct Row(std::vec::IntoIter<Cell>);

impl Row {
    pub(crate) fn new(cells: Vec<Cell>) -> Self {
        Self(cells.into_iter())
    }

    pub(crate) fn int(&mut self) -> Result<i64, StoreError> {
        let cell = self.cell()?;
        if let Cell::Int(number) = cell { Ok(number) } else { Err(cell.unexpected("a number")) }
    }

    pub(crate) fn uuid(&mut self) -> Result<Uuid, StoreError> {
        self.maybe_uuid()?.ok_or_else(|| Cell::Null.unexpected("an id"))
    }

    pub(crate) fn maybe_uuid(&mut self) -> Result<Option<Uuid>, StoreError> {
        let cell = self.cell()?;
        match &cell {
            Cell::Null => Ok(None),
            Cell::Uuid(id) => Ok(Some(*id)),
            Cell::Bytes(bytes) => Uuid::from_slice(bytes).map(Some).map_err(|_| cell.unexpected("an id")),
            Cell::Int(_) | Cell::Text(_) => Err(cell.unexpected("an id")),
        }
    }

    pub(crate) fn text(&mut self) -> Result<String, StoreError> {
        self.maybe_text()?.ok_or_else(|| Cell::Null.unexpected("a text"))
    }

    pub(crate) fn maybe_text(&mut self) -> Result<Option<String>, StoreError> {
        match self.cell()? {
            Cell::Null => Ok(None),
            Cell::Text(text) => Ok(Some(text)),
            cell @ (Cell::Int(_) | Cell::Bytes(_) | Cell::Uuid(_)) => Err(cell.unexpected("a text")),
        }
    }

    pub(crate) fn bytes(&mut self) -> Result<Bytes, StoreError> {
        let cell = self.cell()?;
        if let Cell::Bytes(bytes) = cell { Ok(bytes) } else { Err(cell.unexpected("bytes")) }
    }

    fn cell(&mut self) -> Result<Cell, StoreError> {
        self.0.next().ok_or_else(|| StoreError("an answer has too few columns".into()))
    }
}

impl Cell {
    // Without the value: it may be a customer's.
    fn unexpected(&self, wanted: &str) -> StoreError {
        let found = match self {
            Self::Null => "nothing",
            Self::Int(_) => "a number",
            Self::Text(_) => "a text",
            Self::Bytes(_) => "bytes",
            Self::Uuid(_) => "an id",
        };
        StoreError(format!("a column holds {found} where {wanted} belongs"))
    }
}
