//! Claiming events.

use std::{collections::HashMap, time::Duration};

use uuid::Uuid;

use super::{AT_ONCE, Call, Needs, count, distinct, micros};
use crate::{
    Claim, Claimed, StoreError,
    engine::{Column, Session},
};

/// [`Claims::claim`](crate::Claims::claim).
pub(crate) struct Claiming {
    pub(crate) ids: Vec<Uuid>,
    pub(crate) process: Uuid,
    pub(crate) lapse: Duration,
}

/// [`Claims::settle`](crate::Claims::settle).
pub(crate) struct Settle {
    pub(crate) ids: Vec<Uuid>,
}

/// [`Claims::give_up`](crate::Claims::give_up).
pub(crate) struct GiveUp {
    pub(crate) ids: Vec<Uuid>,
    pub(crate) process: Uuid,
}

/// [`Claims::forget`](crate::Claims::forget).
pub(crate) struct Forget {
    pub(crate) window: Duration,
}

impl Call for Claiming {
    type Answer = Claimed;
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(self, session: &mut S) -> Result<Self::Answer, StoreError> {
        let ids = distinct(&self.ids);
        let (mut found, mut spooling) = (HashMap::with_capacity(ids.len()), false);
        // A settled claim has no end, and nothing is before no end. The result has what became the caller's.
        let mine = session
            .each(
                "INSERT INTO kenh_claim (id, process, lapses_at, first_at, taken) \
                 SELECT r.id, $1, {now} + $2, {now}, 0 FROM {rows} WHERE true ORDER BY r.id \
                 ON CONFLICT (id) DO UPDATE \
                 SET process = excluded.process, lapses_at = excluded.lapses_at, taken = kenh_claim.taken + 1 \
                 WHERE kenh_claim.lapses_at <= {now} \
                 RETURNING kenh_claim.id, kenh_claim.taken, {now} - kenh_claim.first_at, \
                 (SELECT COUNT(*) FROM kenh_spool_way WHERE way <> 0)",
                vec![self.process.into(), micros(self.lapse).into()],
                vec![("id", Column::Uuids(ids.clone()))],
            )
            .await?;
        for mut row in mine {
            let (id, taken, age, ways) = (row.uuid()?, row.int()?, row.int()?, row.int()?);
            spooling |= ways > 0;
            let first = Duration::from_micros(u64::try_from(age).unwrap_or_default());
            found.insert(id, if taken == 0 { Claim::Mine } else { Claim::TakenOver { first } });
        }
        let others: Vec<_> = ids.into_iter().filter(|id| !found.contains_key(id)).collect();
        if !others.is_empty() {
            let sql = "SELECT kenh_claim.id FROM {rows} JOIN kenh_claim ON kenh_claim.id = r.id \
                       WHERE kenh_claim.lapses_at IS NULL";
            for mut row in session.each(sql, Vec::new(), vec![("id", Column::Uuids(others))]).await? {
                found.insert(row.uuid()?, Claim::Published);
            }
        }
        // What is neither is somebody else's, or was given up this very moment: the next attempt will tell.
        let mut answer = |id: &Uuid| match found.get_mut(id) {
            Some(Claim::Published) => Claim::Published,
            Some(claim) => std::mem::replace(claim, Claim::Pending),
            None => Claim::Pending,
        };
        let claims = self.ids.iter().map(&mut answer).collect();
        let spooled = if spooling { super::spool::partitions(session).await? } else { Vec::new() };
        Ok(Claimed { claims, spooled })
    }
}

impl Call for Settle {
    type Answer = ();
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(self, session: &mut S) -> Result<(), StoreError> {
        let sql = "INSERT INTO kenh_claim (id, first_at, taken) \
                   SELECT r.id, {now}, 0 FROM {rows} WHERE true ORDER BY r.id \
                   ON CONFLICT (id) DO UPDATE SET process = NULL, lapses_at = NULL \
                   WHERE kenh_claim.lapses_at IS NOT NULL";
        session.each(sql, Vec::new(), vec![("id", Column::Uuids(distinct(&self.ids)))]).await?;
        Ok(())
    }
}

impl Call for GiveUp {
    type Answer = ();
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(self, session: &mut S) -> Result<(), StoreError> {
        let ids = distinct(&self.ids);
        // Whoever had a claim before it was taken over may have published the event; the next one is told so, too.
        for sql in [
            "WITH mine AS MATERIALIZED (\
                 SELECT kenh_claim.id FROM {rows} JOIN kenh_claim ON kenh_claim.id = r.id \
                 WHERE kenh_claim.process = $1 AND kenh_claim.taken = 0 ORDER BY kenh_claim.id {lock kenh_claim}) \
             DELETE FROM kenh_claim WHERE id IN (SELECT id FROM mine)",
            "WITH mine AS MATERIALIZED (\
                 SELECT kenh_claim.id FROM {rows} JOIN kenh_claim ON kenh_claim.id = r.id \
                 WHERE kenh_claim.process = $1 AND kenh_claim.taken > 0 ORDER BY kenh_claim.id {lock kenh_claim}) \
             UPDATE kenh_claim SET lapses_at = 0 WHERE id IN (SELECT id FROM mine)",
        ] {
            session.each(sql, vec![self.process.into()], vec![("id", Column::Uuids(ids.clone()))]).await?;
        }
        Ok(())
    }
}

impl Call for Forget {
    type Answer = u64;
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(self, session: &mut S) -> Result<u64, StoreError> {
        // The time is asked for once, or all claims would be read to find that none is old.
        let sql = "WITH old AS MATERIALIZED (\
                       SELECT id FROM kenh_claim WHERE first_at < (SELECT {now} - $1) ORDER BY first_at LIMIT $2 {skip locked}) \
                   DELETE FROM kenh_claim WHERE id IN (SELECT id FROM old) RETURNING 1";
        Ok(count(session.query(sql, vec![micros(self.window).into(), AT_ONCE.into()]).await?.len()))
    }
}
