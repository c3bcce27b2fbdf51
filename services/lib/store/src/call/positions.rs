//! How far sources have been read.

use bytes::Bytes;

use super::{Call, Needs};
use crate::{Position, StoreError, engine::Session};

/// [`Positions::position`](crate::Positions::position).
pub(crate) struct GetPosition {
    pub(crate) name: String,
}

/// [`Positions::advance`](crate::Positions::advance).
pub(crate) struct Advance {
    pub(crate) name: String,
    pub(crate) version: u64,
    pub(crate) position: Bytes,
}

impl Call for GetPosition {
    type Answer = Option<Position>;
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(self, session: &mut S) -> Result<Self::Answer, StoreError> {
        let sql = "SELECT version, position FROM kenh_position WHERE name = $1";
        let mut found = session.query(sql, vec![self.name.as_str().into()]).await?;
        let read =
            |row: &mut crate::engine::Row| Ok(Position { version: row.int()?.cast_unsigned(), position: row.bytes()? });
        found.first_mut().map(read).transpose()
    }
}

impl Call for Advance {
    type Answer = bool;
    const NEEDS: Needs = Needs::Transaction;

    async fn run<S: Session>(self, session: &mut S) -> Result<bool, StoreError> {
        let mut values = vec![self.name.as_str().into(), self.position.into()];
        let sql = if self.version == 0 {
            "INSERT INTO kenh_position (name, version, position) VALUES ($1, 1, $2) \
             ON CONFLICT (name) DO NOTHING RETURNING 1"
        } else {
            values.push(self.version.cast_signed().into());
            "UPDATE kenh_position SET version = version + 1, position = $2 WHERE name = $1 AND version = $3 RETURNING 1"
        };
        Ok(!session.query(sql, values).await?.is_empty())
    }
}
