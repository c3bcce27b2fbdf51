//! Parked events.

mod expire;
mod list;

use std::collections::HashSet;

use uuid::Uuid;

use super::{Call, Needs, alone, count, distinct};
use crate::{
    Parked, StoreError,
    engine::{Column, Session},
};

pub(crate) use expire::ExpireParked;
pub(crate) use list::{CountParked, GetParked, ListParked, Redriven};

/// [`ParkedStore::park`](crate::ParkedStore::park).
pub(crate) struct Park {
    pub(crate) items: Vec<Parked>,
}

/// [`ParkedStore::redrive`](crate::ParkedStore::redrive).
pub(crate) struct Redrive {
    pub(crate) ids: Vec<Uuid>,
}

/// [`ParkedStore::discard`](crate::ParkedStore::discard).
pub(crate) struct Discard {
    pub(crate) ids: Vec<Uuid>,
}

impl Call for Park {
    type Answer = ();
    const NEEDS: Needs = Needs::Transaction;

    async fn run<S: Session>(self, session: &mut S) -> Result<(), StoreError> {
        insert(session, &self.items.iter().collect::<Vec<_>>(), Again::Left).await
    }
}

impl Call for Redrive {
    type Answer = u64;
    const NEEDS: Needs = Needs::Transaction;

    async fn run<S: Session>(self, session: &mut S) -> Result<u64, StoreError> {
        alone(session).await?;
        let sql = "UPDATE kenh_parked SET redrive = 1 WHERE id IN (SELECT r.id FROM {rows}) RETURNING 1";
        let marked = session.each(sql, Vec::new(), vec![("id", Column::Uuids(distinct(&self.ids)))]).await?;
        Ok(count(marked.len()))
    }
}

impl Call for Discard {
    type Answer = u64;
    const NEEDS: Needs = Needs::Transaction;

    async fn run<S: Session>(self, session: &mut S) -> Result<u64, StoreError> {
        remove(session, &self.ids).await
    }
}

/// Drops parked events. How many.
pub(super) async fn remove<S: Session>(session: &mut S, ids: &[Uuid]) -> Result<u64, StoreError> {
    if ids.is_empty() {
        return Ok(0);
    }
    alone(session).await?;
    let sql = "DELETE FROM kenh_parked WHERE id IN (SELECT r.id FROM {rows}) RETURNING 1";
    Ok(count(session.each(sql, Vec::new(), vec![("id", Column::Uuids(distinct(ids)))]).await?.len()))
}

/// What becomes of an event that is parked already.
#[derive(Debug, Clone, Copy)]
pub(super) enum Again {
    /// It is left as it is.
    Left,
    /// If it was delivered again, that failed: it waits for nothing any more and has the new reason.
    Anew,
}

/// Parks events.
pub(super) async fn insert<S: Session>(session: &mut S, items: &[&Parked], again: Again) -> Result<(), StoreError> {
    if items.is_empty() {
        return Ok(());
    }
    alone(session).await?;
    // A statement takes each once.
    let mut seen = HashSet::new();
    let items: Vec<_> = items.iter().filter(|item| seen.insert(item.id)).collect();
    let sql = "INSERT INTO kenh_parked (id, subscription, partition, log_offset, event, channel, kind, reason, \
                   attempts, parked_at, redrive, envelope) \
               SELECT r.id, r.subscription, r.partition, r.log_offset, r.event, r.channel, r.kind, r.reason, \
                   r.attempts, {now}, r.redrive, r.envelope FROM {rows} WHERE true \
               ON CONFLICT (id) DO ";
    let sql = match again {
        Again::Left => format!("{sql}NOTHING"),
        Again::Anew => format!(
            "{sql}UPDATE SET redrive = excluded.redrive, reason = excluded.reason, attempts = excluded.attempts \
             WHERE kenh_parked.redrive = 1"
        ),
    };
    let ints = |of: fn(&Parked) -> i64| Column::Ints(items.iter().map(|item| of(item)).collect());
    let texts = |of: fn(&Parked) -> Option<String>| Column::Texts(items.iter().map(|item| of(item)).collect());
    let columns = vec![
        ("id", Column::Uuids(items.iter().map(|item| item.id).collect())),
        ("subscription", texts(|item| item.subscription.clone())),
        ("partition", ints(|item| item.partition.into())),
        ("log_offset", ints(|item| item.offset.cast_signed())),
        ("event", Column::Uuids(items.iter().map(|item| item.event).collect())),
        ("channel", texts(|item| Some(item.channel.clone()))),
        ("kind", texts(|item| Some(item.kind.clone()))),
        ("reason", texts(|item| Some(item.reason.clone()))),
        ("attempts", ints(|item| item.attempts.into())),
        ("redrive", ints(|item| item.redrive.into())),
        ("envelope", Column::Bytes(items.iter().map(|item| item.envelope.clone()).collect())),
    ];
    session.each(&sql, Vec::new(), columns).await?;
    Ok(())
}
