//! The shared spool.

use bytes::Bytes;
use uuid::Uuid;

use super::{Call, Needs, count};
use crate::{
    Put, Putting, SpoolState, StoreError, Unpublished,
    engine::{Column, Session, Value},
};

const DIRECT: i64 = 0;
const SPOOLING: i64 = 1;
const CLOSING: i64 = 2;

/// [`SharedSpool::spool`](crate::SharedSpool::spool).
pub(crate) struct Spool {
    pub(crate) partition: u32,
    pub(crate) events: Vec<Unpublished>,
    pub(crate) putting: Putting,
    pub(crate) most: u64,
}

/// [`SharedSpool::spooled`](crate::SharedSpool::spooled).
pub(crate) struct Spooled {
    pub(crate) partition: u32,
    pub(crate) events: u32,
    pub(crate) bytes: u64,
}

/// [`SharedSpool::unspool`](crate::SharedSpool::unspool).
pub(crate) struct Unspool {
    pub(crate) partition: u32,
    pub(crate) up_to: u64,
}

/// [`SharedSpool::close_spool`](crate::SharedSpool::close_spool).
pub(crate) struct CloseSpool {
    pub(crate) partition: u32,
    pub(crate) closed: bool,
}

/// [`SharedSpool::open_spool`](crate::SharedSpool::open_spool).
pub(crate) struct OpenSpool {
    pub(crate) partition: u32,
}

/// [`SharedSpool::spools`](crate::SharedSpool::spools).
pub(crate) struct Spools;

/// [`SharedSpool::in_spool`](crate::SharedSpool::in_spool).
pub(crate) struct InSpool {
    pub(crate) id: Uuid,
}

/// The way of a partition and its next number, held until the end of the transaction.
async fn way<S: Session>(session: &mut S, partition: u32) -> Result<(i64, i64), StoreError> {
    let sql = "SELECT way, next FROM kenh_spool_way WHERE partition = $1 {lock}";
    if let Some(row) = session.query(sql, vec![partition.into()]).await?.first_mut() {
        return Ok((row.int()?, row.int()?));
    }
    let first = "INSERT INTO kenh_spool_way (partition, way, next, events, bytes) VALUES ($1, 0, 1, 0, 0) \
                 ON CONFLICT (partition) DO NOTHING";
    session.query(first, vec![partition.into()]).await?;
    let mut found = session.query(sql, vec![partition.into()]).await?;
    let row = found.first_mut().ok_or_else(|| StoreError("a partition's row is gone".into()))?;
    Ok((row.int()?, row.int()?))
}

/// The partitions that are spooled.
pub(super) async fn partitions<S: Session>(session: &mut S) -> Result<Vec<u32>, StoreError> {
    let sql = "SELECT partition FROM kenh_spool_way WHERE way <> 0 ORDER BY partition";
    let found = session.query(sql, Vec::new()).await?;
    found.into_iter().map(|mut row| Ok(u32::try_from(row.int()?).unwrap_or(u32::MAX))).collect()
}

impl Call for Spool {
    type Answer = Put;
    const NEEDS: Needs = Needs::Transaction;

    async fn run<S: Session>(self, session: &mut S) -> Result<Put, StoreError> {
        let (way, next) = way(session, self.partition).await?;
        match (self.putting, way) {
            (Putting::Behind, DIRECT) => return Ok(Put::Direct),
            (Putting::Behind, CLOSING) => return Ok(Put::Closing),
            (Putting::Behind | Putting::Failed, _) => {}
        }
        let sizes: Vec<i64> = self.events.iter().map(|event| size(&event.event)).collect();
        let added: i64 = sizes.iter().sum();
        let sql = "SELECT CAST(COALESCE(SUM(bytes), 0) AS {int}) FROM kenh_spool_way";
        let held = session.query(sql, Vec::new()).await?.first_mut().map_or(Ok(0), crate::engine::Row::int)?;
        if held.saturating_add(added) > i64::try_from(self.most).unwrap_or(i64::MAX) {
            return Ok(Put::Full);
        }
        let behind = next.saturating_add(i64::try_from(self.events.len()).unwrap_or(i64::MAX));
        let columns = vec![
            ("number", Column::Ints((next..behind).collect())),
            ("id", Column::Uuids(self.events.iter().map(|event| event.id).collect())),
            ("received_at", Column::Ints(self.events.iter().map(|event| event.received_at).collect())),
            ("size", Column::Ints(sizes)),
            ("event", Column::Bytes(self.events.into_iter().map(|event| event.event).collect())),
        ];
        let sql = "INSERT INTO kenh_spool (partition, number, id, received_at, size, event) \
                   SELECT $1, r.number, r.id, r.received_at, r.size, r.event FROM {rows} WHERE true";
        session.each(sql, vec![self.partition.into()], columns).await?;
        let sql = "UPDATE kenh_spool_way SET way = $2, next = $3, events = events + $3 - $4, bytes = bytes + $5 \
                   WHERE partition = $1";
        let values: Vec<Value> = vec![self.partition.into(), SPOOLING.into(), behind.into(), next.into(), added.into()];
        session.query(sql, values).await?;
        Ok(Put::Kept)
    }
}

impl Call for Spooled {
    type Answer = Vec<(u64, Bytes)>;
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(self, session: &mut S) -> Result<Self::Answer, StoreError> {
        let sql = "SELECT number, size FROM kenh_spool WHERE partition = $1 ORDER BY number LIMIT $2";
        let (mut bytes, mut last) = (0, None);
        for mut row in session.query(sql, vec![self.partition.into(), self.events.into()]).await? {
            let (number, size) = (row.int()?, row.int()?);
            bytes += size.cast_unsigned();
            if last.is_some() && bytes > self.bytes {
                break;
            }
            last = Some(number);
        }
        let Some(last) = last else { return Ok(Vec::new()) };
        let sql = "SELECT number, event FROM kenh_spool WHERE partition = $1 AND number <= $2 ORDER BY number";
        let found = session.query(sql, vec![self.partition.into(), last.into()]).await?;
        found.into_iter().map(|mut row| Ok((row.int()?.cast_unsigned(), row.bytes()?))).collect()
    }
}

impl Call for Unspool {
    type Answer = u64;
    const NEEDS: Needs = Needs::Transaction;

    async fn run<S: Session>(self, session: &mut S) -> Result<u64, StoreError> {
        way(session, self.partition).await?;
        let sql = "DELETE FROM kenh_spool WHERE partition = $1 AND number <= $2 RETURNING size";
        let dropped = session.query(sql, vec![self.partition.into(), self.up_to.cast_signed().into()]).await?;
        let (events, mut bytes) = (count(dropped.len()), 0_i64);
        for mut row in dropped {
            bytes = bytes.saturating_add(row.int()?);
        }
        let sql = "UPDATE kenh_spool_way SET events = events - $2, bytes = bytes - $3 WHERE partition = $1";
        session.query(sql, vec![self.partition.into(), events.cast_signed().into(), bytes.into()]).await?;
        Ok(events)
    }
}

impl Call for CloseSpool {
    type Answer = ();
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(self, session: &mut S) -> Result<(), StoreError> {
        let sql = "UPDATE kenh_spool_way SET way = $2 WHERE partition = $1 AND way = $3";
        let (to, from) = if self.closed { (CLOSING, SPOOLING) } else { (SPOOLING, CLOSING) };
        session.query(sql, vec![self.partition.into(), to.into(), from.into()]).await?;
        Ok(())
    }
}

impl Call for OpenSpool {
    type Answer = bool;
    const NEEDS: Needs = Needs::Transaction;

    async fn run<S: Session>(self, session: &mut S) -> Result<bool, StoreError> {
        let sql = "UPDATE kenh_spool_way SET way = $2 WHERE partition = $1 AND way = $3 AND events = 0 RETURNING 1";
        let values = vec![self.partition.into(), DIRECT.into(), CLOSING.into()];
        Ok(!session.query(sql, values).await?.is_empty())
    }
}

impl Call for Spools {
    type Answer = Vec<SpoolState>;
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(self, session: &mut S) -> Result<Self::Answer, StoreError> {
        let sql = "SELECT w.partition, w.way, w.events, w.bytes, COALESCE((SELECT s.received_at FROM kenh_spool s \
                   WHERE s.partition = w.partition ORDER BY s.number LIMIT 1), -1) \
                   FROM kenh_spool_way w ORDER BY w.partition";
        let state = |mut row: crate::engine::Row| {
            Ok(SpoolState {
                partition: u32::try_from(row.int()?).unwrap_or(u32::MAX),
                spooled: row.int()? != DIRECT,
                events: row.int()?.cast_unsigned(),
                bytes: row.int()?.cast_unsigned(),
                oldest: Some(row.int()?).filter(|at| *at >= 0),
            })
        };
        session.query(sql, Vec::new()).await?.into_iter().map(state).collect()
    }
}

impl Call for InSpool {
    type Answer = bool;
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(self, session: &mut S) -> Result<bool, StoreError> {
        let found = session.query("SELECT 1 FROM kenh_spool WHERE id = $1 LIMIT 1", vec![self.id.into()]).await?;
        Ok(!found.is_empty())
    }
}

fn size(event: &Bytes) -> i64 {
    i64::try_from(event.len()).unwrap_or(i64::MAX)
}
