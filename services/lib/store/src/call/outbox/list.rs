//! Looking at outbound messages.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{COLUMNS, FIRST, UNPAUSED, outbound};
use crate::{
    Outbound, OutboundFilter, StoreError,
    call::{Call, Needs},
    engine::{Session, Value},
};

/// [`Outbox::outbound`](crate::Outbox::outbound).
pub(crate) struct GetOutbound {
    pub(crate) id: Uuid,
}

/// [`Outbox::outbound_by_key`](crate::Outbox::outbound_by_key).
pub(crate) struct GetOutboundByKey {
    pub(crate) client: String,
    pub(crate) key: String,
}

/// [`Outbox::list_outbound`](crate::Outbox::list_outbound).
pub(crate) struct ListOutbound {
    pub(crate) filter: OutboundFilter,
    pub(crate) before: Option<Uuid>,
    pub(crate) limit: u32,
}

/// [`Outbox::due`](crate::Outbox::due).
pub(crate) struct Due {
    pub(crate) channels: Vec<String>,
    pub(crate) limit: u32,
}

/// [`Outbox::count_waiting`](crate::Outbox::count_waiting).
pub(crate) struct CountWaiting;

impl Call for GetOutbound {
    type Answer = Option<Outbound>;
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(self, session: &mut S) -> Result<Self::Answer, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM kenh_outbound WHERE id = $1");
        session.query(&sql, vec![self.id.into()]).await?.first_mut().map(outbound).transpose()
    }
}

impl Call for GetOutboundByKey {
    type Answer = Option<Outbound>;
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(self, session: &mut S) -> Result<Self::Answer, StoreError> {
        let sql =
            format!("SELECT {COLUMNS} FROM kenh_outbound WHERE client = $1 AND idempotency_key = $2 AND key_held = 1");
        let values = vec![self.client.as_str().into(), self.key.as_str().into()];
        session.query(&sql, values).await?.first_mut().map(outbound).transpose()
    }
}

impl Call for ListOutbound {
    type Answer = Vec<Outbound>;
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(self, session: &mut S) -> Result<Self::Answer, StoreError> {
        let Self { filter, before, limit } = self;
        let (clients, states) = (alternatives(filter.clients), alternatives(filter.states));
        let mut found = Vec::new();
        // One statement for each pair: so much of an index is read as is asked for, in its order.
        for client in &clients {
            for state in &states {
                let mut values = vec![Value::Int(i64::from(limit))];
                let mut sql = format!("SELECT seq, {COLUMNS} FROM kenh_outbound WHERE true");
                let mut only = |condition: &str, value: Value| {
                    values.push(value);
                    sql.push_str(&condition.replace('?', &format!("${}", values.len())));
                };
                if let Some(before) = before {
                    only(" AND seq < (SELECT b.seq FROM kenh_outbound b WHERE b.id = ?)", before.into());
                }
                if let Some(client) = client {
                    only(" AND client = ?", client.as_str().into());
                }
                if let Some(state) = state {
                    only(" AND state = ?", i64::from(*state).into());
                }
                if let Some(channel) = &filter.channel {
                    only(" AND channel = ?", channel.as_str().into());
                }
                if let Some(conversation) = filter.conversation {
                    only(" AND conversation = ?", conversation.into());
                }
                sql.push_str(" ORDER BY seq DESC LIMIT $1");
                for mut row in session.query(&sql, values).await? {
                    found.push((row.int()?, outbound(&mut row)?));
                }
            }
        }
        found.sort_unstable_by_key(|(seq, _)| std::cmp::Reverse(*seq));
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(found.into_iter().map(|(_, message)| message).collect())
    }
}

/// Each once; only `None` where any will do.
fn alternatives<T: Ord>(mut wanted: Vec<T>) -> Vec<Option<T>> {
    if wanted.is_empty() {
        return vec![None];
    }
    wanted.sort_unstable();
    wanted.dedup();
    wanted.into_iter().map(Some).collect()
}

impl Call for Due {
    type Answer = Vec<(String, Uuid)>;
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(mut self, session: &mut S) -> Result<Self::Answer, StoreError> {
        self.channels.sort_unstable();
        self.channels.dedup();
        // The time is asked for once, and of one channel after the other: so an index is read in its order, as far as needed.
        let waiting = format!(
            "SELECT due_at, id FROM kenh_outbound WHERE channel = $1 AND phase = 0 AND due_at <= (SELECT {{wall}}) \
             AND {UNPAUSED} AND id = ({FIRST}) ORDER BY due_at LIMIT $2"
        );
        let left = format!(
            "SELECT due_at, id FROM kenh_outbound WHERE channel = $1 AND phase = 1 AND lease_until <= (SELECT {{now}}) \
             AND {UNPAUSED} ORDER BY lease_until LIMIT $2"
        );
        let mut due = Vec::new();
        for channel in self.channels {
            for sql in [&waiting, &left] {
                for mut row in session.query(sql, vec![channel.as_str().into(), self.limit.into()]).await? {
                    due.push((row.int()?, channel.clone(), row.uuid()?));
                }
            }
        }
        due.sort_unstable();
        due.truncate(usize::try_from(self.limit).unwrap_or(usize::MAX));
        Ok(due.into_iter().map(|(_, channel, id)| (channel, id)).collect())
    }
}

impl Call for CountWaiting {
    type Answer = Vec<(String, String, u64)>;
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(self, session: &mut S) -> Result<Self::Answer, StoreError> {
        let mut counts = BTreeMap::new();
        // Each from an index that holds nothing else.
        for phase in ["phase = 0", "phase = 1"] {
            let sql =
                format!("SELECT channel, account, count(*) FROM kenh_outbound WHERE {phase} GROUP BY channel, account");
            for mut row in session.query(&sql, Vec::new()).await? {
                let account = (row.text()?, row.text()?);
                *counts.entry(account).or_default() += u64::try_from(row.int()?).unwrap_or_default();
            }
        }
        Ok(counts.into_iter().map(|((channel, account), count)| (channel, account, count)).collect())
    }
}
