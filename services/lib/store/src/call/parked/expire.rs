//! Parked events that nobody came for.

use std::time::Duration;

use crate::{
    StoreError,
    call::{AT_ONCE, Call, Needs, count, micros},
    engine::Session,
};

/// [`ParkedStore::expire_parked`](crate::ParkedStore::expire_parked).
pub(crate) struct ExpireParked {
    pub(crate) age: Duration,
    pub(crate) most: u64,
}

impl Call for ExpireParked {
    type Answer = u64;
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(self, session: &mut S) -> Result<u64, StoreError> {
        let sql = "WITH old AS MATERIALIZED (SELECT id FROM kenh_parked \
                       WHERE parked_at < (SELECT {now} - $1) ORDER BY parked_at LIMIT $2 {skip locked}) \
                   DELETE FROM kenh_parked WHERE id IN (SELECT id FROM old) RETURNING 1";
        let old = session.query(sql, vec![micros(self.age).into(), AT_ONCE.into()]).await?.len();
        // The newest of those that are too many, and everything before it.
        let sql = "WITH beyond AS MATERIALIZED (SELECT id FROM kenh_parked WHERE seq <= \
                       (SELECT seq FROM kenh_parked ORDER BY seq DESC LIMIT 1 OFFSET $1) \
                       ORDER BY seq LIMIT $2 {skip locked}) \
                   DELETE FROM kenh_parked WHERE id IN (SELECT id FROM beyond) RETURNING 1";
        let most = i64::try_from(self.most).unwrap_or(i64::MAX);
        let beyond = session.query(sql, vec![most.into(), AT_ONCE.into()]).await?.len();
        Ok(count(old + beyond))
    }
}
