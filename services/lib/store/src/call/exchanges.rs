//! The channel log.

use std::time::Duration;

use uuid::Uuid;

use super::{AT_ONCE, Call, Needs, count, micros};
use crate::{
    Exchange, ExchangeFilter, NewExchange, Place, StoreError,
    engine::{Column, Row, Session, Value},
};

/// [`Exchanges::note_exchanges`](crate::Exchanges::note_exchanges).
pub(crate) struct NoteExchanges {
    pub(crate) new: Vec<NewExchange>,
}

/// [`Exchanges::exchanges`](crate::Exchanges::exchanges).
pub(crate) struct ListExchanges {
    pub(crate) filter: ExchangeFilter,
    pub(crate) place: Place,
    pub(crate) limit: u32,
}

/// [`Exchanges::expire_exchanges`](crate::Exchanges::expire_exchanges).
pub(crate) struct ExpireExchanges {
    pub(crate) age: Duration,
    pub(crate) most: u64,
}

/// Accounts that one call looks after at most, where they have too many.
const ACCOUNTS_AT_ONCE: i64 = 20;

impl Call for NoteExchanges {
    type Answer = ();
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(self, session: &mut S) -> Result<(), StoreError> {
        // One process after the other, until what it wrote is visible: nobody who reads on sees a place before an earlier one.
        let sql = "WITH alone AS MATERIALIZED (SELECT version FROM kenh_migration WHERE version = 4 {lock}) \
                   INSERT INTO kenh_exchange (id, began_at, channel, endpoint, account, direction, outcome, reason, failed, \
                       message, record) \
                   SELECT r.id, {wall} - r.ago, r.channel, r.endpoint, r.account, r.direction, r.outcome, r.reason, \
                       r.failed, nullif(r.message, $1), r.record \
                   FROM alone, {rows} WHERE true ORDER BY r.place ON CONFLICT (id) DO NOTHING";
        let new = &self.new;
        let ints = |of: fn(&NewExchange) -> i64| Column::Ints(new.iter().map(of).collect());
        let columns = vec![
            ("id", Column::Uuids(new.iter().map(|one| one.id).collect())),
            ("ago", ints(|one| micros(one.ago))),
            ("channel", Column::texts(new.iter().map(|one| one.channel.as_str()))),
            ("endpoint", Column::texts(new.iter().map(|one| one.endpoint.as_str()))),
            ("account", Column::texts(new.iter().map(|one| one.account.as_str()))),
            ("direction", ints(|one| one.direction.into())),
            ("outcome", ints(|one| one.outcome.into())),
            ("reason", ints(|one| one.reason.into())),
            ("failed", ints(|one| one.failed.into())),
            ("message", Column::Uuids(new.iter().map(|one| one.message.unwrap_or_default()).collect())),
            ("record", Column::Bytes(new.iter().map(|one| one.record.clone()).collect())),
            ("place", Column::Ints((0..).take(new.len()).collect())),
        ];
        session.each(sql, vec![Uuid::nil().into()], columns).await.map(drop)
    }
}

impl Call for ListExchanges {
    type Answer = Vec<Exchange>;
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(self, session: &mut S) -> Result<Vec<Exchange>, StoreError> {
        let Self { filter, place, limit } = self;
        let mut values = vec![Value::Int(i64::from(limit))];
        let mut sql =
            "SELECT seq, id, began_at, channel, endpoint, account, record FROM kenh_exchange WHERE true".to_owned();
        let mut only = |condition: &str, alternatives: Vec<Value>| {
            let numbers: Vec<_> = alternatives
                .into_iter()
                .map(|value| {
                    values.push(value);
                    format!("${}", values.len())
                })
                .collect();
            if !numbers.is_empty() {
                sql.push_str(&format!(" AND {condition} ").replace('?', &numbers.join(", ")));
            }
        };
        let texts = [("channel", filter.channel), ("endpoint", filter.endpoint), ("account", filter.account)];
        for (column, text) in texts {
            only(&format!("{column} = ?"), text.iter().map(|text| text.as_str().into()).collect());
        }
        let number = |number: &i32| Value::Int(i64::from(*number));
        only("direction = ?", filter.direction.iter().map(number).collect());
        only("outcome IN (?)", filter.outcomes.iter().map(number).collect());
        only("reason IN (?)", filter.reasons.iter().map(number).collect());
        only("message = ?", filter.message.into_iter().map(Value::from).collect());
        only("began_at >= ?", filter.from.into_iter().map(Value::from).collect());
        only("began_at < ?", filter.until.into_iter().map(Value::from).collect());
        let order = match place {
            Place::Newest => "DESC",
            Place::Before(seq) => {
                only("seq < ?", vec![Value::Int(seq.cast_signed())]);
                "DESC"
            }
            Place::After(seq) => {
                only("seq > ?", vec![Value::Int(seq.cast_signed())]);
                "ASC"
            }
        };
        if filter.failed {
            sql.push_str(" AND failed = 1");
        }
        sql.extend([" ORDER BY seq ", order, " LIMIT $1"]);
        session.query(&sql, values).await?.into_iter().map(|mut row| exchange(&mut row)).collect()
    }
}

fn exchange(row: &mut Row) -> Result<Exchange, StoreError> {
    Ok(Exchange {
        seq: row.int()?.cast_unsigned(),
        id: row.uuid()?,
        began_at: row.int()?,
        channel: row.text()?,
        endpoint: row.text()?,
        account: row.text()?,
        record: row.bytes()?,
    })
}

impl Call for ExpireExchanges {
    type Answer = u64;
    const NEEDS: Needs = Needs::Transaction;

    async fn run<S: Session>(self, session: &mut S) -> Result<u64, StoreError> {
        // Two that drop the same rows wait for each other here, and not in a circle.
        session.query("SELECT version FROM kenh_migration WHERE version = 4 {lock}", Vec::new()).await?;
        let sql = "DELETE FROM kenh_exchange WHERE seq IN (SELECT o.seq FROM kenh_exchange o \
                   WHERE o.began_at < (SELECT {wall} - $1) ORDER BY o.began_at LIMIT $2) RETURNING 1";
        let mut gone = session.query(sql, vec![micros(self.age).into(), AT_ONCE.into()]).await?.len();
        let sql = "SELECT channel, endpoint, account FROM kenh_exchange GROUP BY channel, endpoint, account \
                   HAVING count(*) > $1 LIMIT $2";
        let most = i64::try_from(self.most).unwrap_or(i64::MAX);
        for mut row in session.query(sql, vec![most.into(), ACCOUNTS_AT_ONCE.into()]).await? {
            let sql = "DELETE FROM kenh_exchange WHERE seq IN (SELECT o.seq FROM kenh_exchange o \
                       WHERE o.channel = $1 AND o.endpoint = $2 AND o.account = $3 \
                       ORDER BY o.seq DESC LIMIT $4 OFFSET $5) RETURNING 1";
            let (channel, endpoint, account) = (row.text()?, row.text()?, row.text()?);
            let values = vec![
                channel.as_str().into(),
                endpoint.as_str().into(),
                account.as_str().into(),
                AT_ONCE.into(),
                most.into(),
            ];
            gone += session.query(sql, values).await?.len();
        }
        Ok(count(gone))
    }
}
