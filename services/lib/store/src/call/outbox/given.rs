//! The ids that channels gave to messages.

use std::{collections::HashMap, time::Duration};

use uuid::Uuid;

use super::small;
use crate::{
    Given, StoreError,
    call::{Call, Needs, micros},
    engine::{Column, Row, Session},
};

/// [`Outbox::before`](crate::Outbox::before).
pub(crate) struct Before {
    pub(crate) conversation: Uuid,
    pub(crate) at: i64,
    pub(crate) status: i32,
    pub(crate) limit: u32,
}

/// [`Outbox::given`](crate::Outbox::given).
pub(crate) struct GetGiven {
    pub(crate) outbound: Uuid,
}

/// [`Outbox::whose`](crate::Outbox::whose).
pub(crate) struct Whose {
    pub(crate) channel: String,
    pub(crate) account: String,
    pub(crate) provider_ids: Vec<String>,
}

/// [`Outbox::told`](crate::Outbox::told).
pub(crate) struct Told {
    pub(crate) told: Vec<(Uuid, String, i32)>,
}

/// [`Outbox::untold`](crate::Outbox::untold).
pub(crate) struct Untold {
    pub(crate) after: Duration,
    pub(crate) limit: u32,
}

pub(super) const COLUMNS: &str = "g.outbound, g.piece, g.provider_id, g.status, g.status_at, g.code, \
                                  CASE WHEN g.told >= g.status THEN 1 ELSE 0 END";

/// Reads [`COLUMNS`].
pub(super) fn read(mut row: Row) -> Result<Given, StoreError> {
    Ok(Given {
        outbound: row.uuid()?,
        piece: u32::try_from(row.int()?).unwrap_or_default(),
        provider_id: row.text()?,
        status: small(row.int()?),
        status_at: row.int()?,
        code: row.maybe_text()?,
        told: row.int()? == 1,
    })
}

impl Call for Before {
    type Answer = Vec<Given>;
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(self, session: &mut S) -> Result<Vec<Given>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM kenh_given g WHERE g.conversation = $1 AND g.given_at <= $2 AND g.status < $3 \
             ORDER BY g.given_at DESC, g.piece DESC LIMIT $4"
        );
        let values = vec![self.conversation.into(), self.at.into(), i64::from(self.status).into(), self.limit.into()];
        session.query(&sql, values).await?.into_iter().map(read).collect()
    }
}

impl Call for GetGiven {
    type Answer = Vec<Given>;
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(self, session: &mut S) -> Result<Vec<Given>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM kenh_given g WHERE g.outbound = $1 ORDER BY g.piece, g.given_at, g.provider_id"
        );
        session.query(&sql, vec![self.outbound.into()]).await?.into_iter().map(read).collect()
    }
}

impl Call for Whose {
    type Answer = Vec<Option<Uuid>>;
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(self, session: &mut S) -> Result<Self::Answer, StoreError> {
        let sql = "SELECT g.provider_id, g.outbound FROM {rows} JOIN kenh_given g ON g.provider_id = r.provider_id \
                   WHERE g.channel = $1 AND g.account = $2 AND g.outbound IS NOT NULL";
        let values = vec![self.channel.as_str().into(), self.account.as_str().into()];
        let ids = Column::texts(self.provider_ids.iter().map(String::as_str));
        let mut found = HashMap::new();
        for mut row in session.each(sql, values, vec![("provider_id", ids)]).await? {
            found.insert(row.text()?, row.uuid()?);
        }
        Ok(self.provider_ids.iter().map(|id| found.get(id).copied()).collect())
    }
}

impl Call for Told {
    type Answer = ();
    const NEEDS: Needs = Needs::Transaction;

    async fn run<S: Session>(self, session: &mut S) -> Result<(), StoreError> {
        let mut furthest = HashMap::new();
        for (outbound, id, status) in self.told {
            let told = furthest.entry((outbound, id)).or_insert(status);
            *told = status.max(*told);
        }
        for sql in [
            "SELECT 1 FROM {rows} JOIN kenh_given g ON g.outbound = r.outbound AND g.provider_id = r.provider_id \
             WHERE r.status > g.told ORDER BY g.channel, g.account, g.provider_id {lock g}",
            "UPDATE kenh_given SET told = r.status FROM {rows} \
             WHERE kenh_given.outbound = r.outbound AND kenh_given.provider_id = r.provider_id \
             AND r.status > kenh_given.told",
        ] {
            let columns = vec![
                ("outbound", Column::Uuids(furthest.keys().map(|(outbound, _)| *outbound).collect())),
                ("provider_id", Column::texts(furthest.keys().map(|(_, id)| id.as_str()))),
                ("status", Column::Ints(furthest.values().map(|status| i64::from(*status)).collect())),
            ];
            session.each(sql, Vec::new(), columns).await?;
        }
        Ok(())
    }
}

impl Call for Untold {
    type Answer = Vec<Given>;
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(self, session: &mut S) -> Result<Vec<Given>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM kenh_given g WHERE g.outbound IS NOT NULL AND g.told < g.status \
             AND g.noted_at <= (SELECT {{wall}} - $1) ORDER BY g.noted_at LIMIT $2"
        );
        session.query(&sql, vec![micros(self.after).into(), self.limit.into()]).await?.into_iter().map(read).collect()
    }
}
