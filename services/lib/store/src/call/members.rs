//! Members of subscriptions.
//!
//! A member is there while its lease lasts. One whose lease is over is gone, whether its row is still there or not.

use std::time::Duration;

use uuid::Uuid;

use super::{Call, Needs, micros, subscriptions};
use crate::{
    Member, StoreError,
    engine::{Column, Session},
};

/// [`Subscriptions::join`](crate::Subscriptions::join).
pub(crate) struct Join {
    pub(crate) member: Member,
    pub(crate) lease: Duration,
}

/// [`Subscriptions::leave`](crate::Subscriptions::leave).
pub(crate) struct Leave {
    pub(crate) session: Uuid,
}

/// [`Subscriptions::renew`](crate::Subscriptions::renew).
pub(crate) struct Renew {
    pub(crate) process: Uuid,
    pub(crate) lease: Duration,
}

/// [`Subscriptions::members`](crate::Subscriptions::members).
pub(crate) struct Members {
    pub(crate) process: Uuid,
}

/// Rows of members that are gone which a new one sweeps out.
const SWEPT: i64 = 100;

impl Call for Join {
    type Answer = bool;
    const NEEDS: Needs = Needs::Transaction;

    async fn run<S: Session>(self, session: &mut S) -> Result<bool, StoreError> {
        let Member { subscription, consumer, session: id, process } = &self.member;
        if !subscriptions::lock(session, subscription).await? {
            return Ok(false);
        }
        let sql = "SELECT session FROM kenh_member WHERE session = $1 OR (subscription = $2 AND consumer = $3)";
        let earlier =
            session.query(sql, vec![(*id).into(), subscription.as_str().into(), consumer.as_str().into()]).await?;
        let mut gone = earlier.into_iter().map(|mut row| row.uuid()).collect::<Result<Vec<_>, _>>()?;
        // Also where its row was swept out: a session that comes again has no window from before.
        gone.push(*id);
        remove(session, gone).await?;
        let sql = "WITH gone AS MATERIALIZED (SELECT session FROM kenh_member \
                       WHERE subscription = $1 AND lease_until <= {now} ORDER BY session LIMIT $2 {skip locked}) \
                   DELETE FROM kenh_member WHERE session IN (SELECT session FROM gone)";
        session.query(sql, vec![subscription.as_str().into(), SWEPT.into()]).await?;
        let sql = "INSERT INTO kenh_member (session, subscription, consumer, process, lease_until) \
                   VALUES ($1, $2, $3, $4, {now} + $5)";
        let values = vec![
            (*id).into(),
            subscription.as_str().into(),
            consumer.as_str().into(),
            (*process).into(),
            micros(self.lease).into(),
        ];
        session.query(sql, values).await?;
        Ok(true)
    }
}

impl Call for Leave {
    type Answer = ();
    const NEEDS: Needs = Needs::Transaction;

    async fn run<S: Session>(self, session: &mut S) -> Result<(), StoreError> {
        remove(session, vec![self.session]).await
    }
}

/// Removes members and frees their windows; the epoch rises, so that nothing more is saved under the old one.
async fn remove<S: Session>(session: &mut S, mut gone: Vec<Uuid>) -> Result<(), StoreError> {
    gone.sort_unstable();
    gone.dedup();
    // Windows before members, as everywhere.
    for sql in [
        "SELECT w.partition FROM {rows} JOIN kenh_window w ON w.session = r.session \
         ORDER BY w.subscription, w.partition {lock w}",
        "UPDATE kenh_window SET session = NULL, epoch = epoch + 1 WHERE session IN (SELECT r.session FROM {rows})",
        "SELECT m.session FROM {rows} JOIN kenh_member m ON m.session = r.session ORDER BY m.session {lock m}",
        "DELETE FROM kenh_member WHERE session IN (SELECT r.session FROM {rows})",
    ] {
        session.each(sql, Vec::new(), vec![("session", Column::Uuids(gone.clone()))]).await?;
    }
    Ok(())
}

impl Call for Renew {
    type Answer = Vec<Uuid>;
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(self, session: &mut S) -> Result<Vec<Uuid>, StoreError> {
        let sql = "WITH mine AS MATERIALIZED (SELECT session FROM kenh_member \
                       WHERE process = $1 AND lease_until > {now} ORDER BY session {lock}) \
                   UPDATE kenh_member SET lease_until = {now} + $2 WHERE session IN (SELECT session FROM mine) \
                   RETURNING session";
        let renewed = session.query(sql, vec![self.process.into(), micros(self.lease).into()]).await?;
        renewed.into_iter().map(|mut row| row.uuid()).collect()
    }
}

impl Call for Members {
    type Answer = Vec<Member>;
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(self, session: &mut S) -> Result<Vec<Member>, StoreError> {
        let sql = "SELECT subscription, consumer, session, process FROM kenh_member WHERE lease_until > {now} \
                   AND subscription IN \
                       (SELECT subscription FROM kenh_member WHERE process = $1 AND lease_until > {now}) \
                   ORDER BY subscription, consumer";
        let there = session.query(sql, vec![self.process.into()]).await?;
        let member = |mut row: crate::engine::Row| {
            Ok(Member { subscription: row.text()?, consumer: row.text()?, session: row.uuid()?, process: row.uuid()? })
        };
        there.into_iter().map(member).collect()
    }
}
