//! Asking for a turn.

use std::time::Duration;

use uuid::Uuid;

use super::{COLUMNS, FIRST, UNPAUSED, hold, outbound};
use crate::{
    StoreError, Turn,
    call::{Call, Needs, micros},
    engine::Session,
};

/// [`Outbox::turn`](crate::Outbox::turn).
pub(crate) struct TakeTurn {
    pub(crate) id: Uuid,
    pub(crate) lease: Duration,
}

impl Call for TakeTurn {
    type Answer = Turn;
    const NEEDS: Needs = Needs::Transaction;

    async fn run<S: Session>(self, session: &mut S) -> Result<Turn, StoreError> {
        if !hold(session, self.id).await? {
            return Ok(Turn::Over);
        }
        // What the right side says of a row is what it was.
        let sql = format!(
            "UPDATE kenh_outbound SET phase = 1, turn = turn + 1, taken = CASE WHEN phase = 1 THEN 1 ELSE 0 END, \
                 began_at = CASE WHEN phase = 1 THEN began_at ELSE {{wall}} END, \
                 lease_until = {{now}} + $2, updated_at = {{wall}} \
             WHERE id = $1 AND {UNPAUSED} AND ((phase = 1 AND lease_until <= {{now}}) \
                 OR (phase = 0 AND due_at <= {{wall}} AND id = ({FIRST}))) \
             RETURNING taken, {COLUMNS}"
        );
        if let Some(mut row) = session.query(&sql, vec![self.id.into(), micros(self.lease).into()]).await?.pop() {
            let taken_over = row.int()? == 1;
            let message = outbound(&mut row)?;
            return Ok(if taken_over { Turn::TakenOver(message) } else { Turn::Yours(message) });
        }
        let left = session.query("SELECT 1 FROM kenh_outbound WHERE id = $1 AND phase < 2", vec![self.id.into()]);
        Ok(if left.await?.is_empty() { Turn::Over } else { Turn::NotNow })
    }
}
