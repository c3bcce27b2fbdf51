//! Conversations.

use std::{collections::BTreeMap, time::Duration};

use uuid::Uuid;

use super::{AT_ONCE, Call, Needs, count, micros};
use crate::{
    Known, StoreError,
    engine::{Column, Session},
};

/// [`Conversations::meet`](crate::Conversations::meet).
pub(crate) struct Meet {
    pub(crate) conversations: Vec<Known>,
}

/// [`Conversations::known`](crate::Conversations::known).
pub(crate) struct GetKnown {
    pub(crate) id: Uuid,
}

/// [`Conversations::forget_conversations`](crate::Conversations::forget_conversations).
pub(crate) struct ForgetConversations {
    pub(crate) age: Duration,
}

impl Call for Meet {
    type Answer = ();
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(self, session: &mut S) -> Result<(), StoreError> {
        // A statement takes each once, and in the order of the keys.
        let mut newest: BTreeMap<Uuid, Known> = BTreeMap::new();
        for known in self.conversations {
            if newest.get(&known.id).is_none_or(|other| other.at <= known.at) {
                newest.insert(known.id, known);
            }
        }
        let sql = "INSERT INTO kenh_conversation (id, channel, account, heard_at, record) \
                   SELECT r.id, r.channel, r.account, r.heard_at, r.record FROM {rows} WHERE true ORDER BY r.id \
                   ON CONFLICT (id) DO UPDATE SET channel = excluded.channel, account = excluded.account, \
                       heard_at = excluded.heard_at, record = excluded.record \
                   WHERE kenh_conversation.heard_at <= excluded.heard_at";
        let columns = vec![
            ("id", Column::Uuids(newest.keys().copied().collect())),
            ("channel", Column::texts(newest.values().map(|known| known.channel.as_str()))),
            ("account", Column::texts(newest.values().map(|known| known.account.as_str()))),
            ("heard_at", Column::Ints(newest.values().map(|known| known.at).collect())),
            ("record", Column::Bytes(newest.values().map(|known| known.record.clone()).collect())),
        ];
        session.each(sql, Vec::new(), columns).await?;
        Ok(())
    }
}

impl Call for GetKnown {
    type Answer = Option<Known>;
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(self, session: &mut S) -> Result<Self::Answer, StoreError> {
        let sql = "SELECT channel, account, heard_at, record FROM kenh_conversation WHERE id = $1";
        let Some(mut row) = session.query(sql, vec![self.id.into()]).await?.pop() else { return Ok(None) };
        Ok(Some(Known {
            id: self.id,
            channel: row.text()?,
            account: row.text()?,
            at: row.int()?,
            record: row.bytes()?,
        }))
    }
}

impl Call for ForgetConversations {
    type Answer = u64;
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(self, session: &mut S) -> Result<u64, StoreError> {
        let sql = "WITH old AS MATERIALIZED (SELECT id FROM kenh_conversation \
                       WHERE heard_at < (SELECT {wall} - $1) ORDER BY heard_at LIMIT $2 {skip locked}) \
                   DELETE FROM kenh_conversation WHERE id IN (SELECT id FROM old) RETURNING 1";
        Ok(count(session.query(sql, vec![micros(self.age).into(), AT_ONCE.into()]).await?.len()))
    }
}
