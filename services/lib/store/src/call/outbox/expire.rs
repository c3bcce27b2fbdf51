//! Messages that ended long ago.

use std::time::Duration;

use crate::{
    StoreError,
    call::{AT_ONCE, Call, Needs, count, micros},
    engine::{Column, Session},
};

/// [`Outbox::expire_outbound`](crate::Outbox::expire_outbound).
pub(crate) struct ExpireOutbound {
    pub(crate) age: Duration,
}

/// How long words about ids are remembered that no message has been given.
const WORDS_LAST: Duration = Duration::from_secs(86_400);

impl Call for ExpireOutbound {
    type Answer = u64;
    const NEEDS: Needs = Needs::Transaction;

    async fn run<S: Session>(self, session: &mut S) -> Result<u64, StoreError> {
        let sql = "SELECT id FROM kenh_outbound WHERE phase = 2 AND updated_at < (SELECT {wall} - $1) \
                   ORDER BY updated_at LIMIT $2 {skip locked}";
        let old = session.query(sql, vec![micros(self.age).into(), AT_ONCE.into()]).await?;
        let old = old.into_iter().map(|mut row| row.uuid()).collect::<Result<Vec<_>, _>>()?;
        if !old.is_empty() {
            for sql in [
                "SELECT 1 FROM {rows} JOIN kenh_given g ON g.outbound = r.id \
                 ORDER BY g.channel, g.account, g.provider_id {lock g}",
                "DELETE FROM kenh_given WHERE outbound IN (SELECT r.id FROM {rows})",
                "DELETE FROM kenh_outbound WHERE id IN (SELECT r.id FROM {rows})",
            ] {
                session.each(sql, Vec::new(), vec![("id", Column::Uuids(old.clone()))]).await?;
            }
        }
        let sql = "WITH old AS MATERIALIZED (SELECT channel, account, provider_id FROM kenh_given \
                       WHERE outbound IS NULL AND noted_at < (SELECT {wall} - $1) \
                       ORDER BY noted_at LIMIT $2 {skip locked}) \
                   DELETE FROM kenh_given WHERE (channel, account, provider_id) IN \
                       (SELECT channel, account, provider_id FROM old) RETURNING 1";
        let words = session.query(sql, vec![micros(WORDS_LAST).into(), AT_ONCE.into()]).await?;
        Ok(count(old.len() + words.len()))
    }
}
