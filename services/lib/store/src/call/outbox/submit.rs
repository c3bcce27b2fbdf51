//! Taking a message in.

use std::time::Duration;

use super::{COLUMNS, outbound};
use crate::{
    NewOutbound, StoreError, Submitted,
    call::{Call, Needs, micros},
    engine::Session,
};

/// [`Outbox::submit`](crate::Outbox::submit).
pub(crate) struct Submit {
    pub(crate) new: NewOutbound,
    pub(crate) keys_last: Duration,
}

/// How often a key may change hands while one call looks at it.
const ATTEMPTS: usize = 5;

impl Call for Submit {
    type Answer = Submitted;
    const NEEDS: Needs = Needs::Transaction;

    async fn run<S: Session>(self, session: &mut S) -> Result<Submitted, StoreError> {
        let NewOutbound { client, key, .. } = &self.new;
        for _ in 0..ATTEMPTS {
            if let Some(mut row) = insert(session, &self.new).await? {
                return Ok(Submitted::Fresh(outbound(&mut row)?));
            }
            let sql = format!(
                "SELECT CASE WHEN created_at > {{wall}} - $3 THEN 1 ELSE 0 END, {COLUMNS} FROM kenh_outbound \
                 WHERE client = $1 AND idempotency_key = $2 AND key_held = 1"
            );
            let values = vec![client.as_str().into(), key.as_str().into(), micros(self.keys_last).into()];
            // None: whoever had it has lost it this very moment.
            let Some(mut row) = session.query(&sql, values).await?.into_iter().next() else { continue };
            let young = row.int()? == 1;
            let holder = outbound(&mut row)?;
            if young {
                return Ok(Submitted::Known(holder));
            }
            let sql = "UPDATE kenh_outbound SET key_held = 0 WHERE id = $1";
            session.query(sql, vec![holder.id.into()]).await?;
        }
        Err(StoreError("several calls take the same idempotency key from each other".into()))
    }
}

/// Its row, unless the key is held.
async fn insert<S: Session>(session: &mut S, new: &NewOutbound) -> Result<Option<crate::engine::Row>, StoreError> {
    let sql = format!(
        "INSERT INTO kenh_outbound (id, client, idempotency_key, digest, channel, account, conversation, state, record, \
             due_at, expires_at, created_at, updated_at, key_held, phase, turn, taken, lease_until, began_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, {{wall}} + $10, {{wall}} + $11, {{wall}}, {{wall}}, 1, 0, 0, 0, 0, 0) \
         ON CONFLICT (client, idempotency_key) WHERE key_held = 1 DO NOTHING RETURNING {COLUMNS}"
    );
    let values = vec![
        new.id.into(),
        new.client.as_str().into(),
        new.key.as_str().into(),
        new.digest.clone().into(),
        new.channel.as_str().into(),
        new.account.as_str().into(),
        new.conversation.into(),
        i64::from(new.state).into(),
        new.record.clone().into(),
        micros(new.delay).into(),
        micros(new.lifetime).into(),
    ];
    Ok(session.query(&sql, values).await?.into_iter().next())
}
