//! Looking at parked events.

use uuid::Uuid;

use crate::{
    Parked, ParkedFilter, ParkedPage, StoreError,
    call::{Call, Needs},
    engine::{Row, Session, Value},
};

/// [`ParkedStore::parked`](crate::ParkedStore::parked).
pub(crate) struct ListParked {
    pub(crate) filter: ParkedFilter,
    pub(crate) after: Option<String>,
    pub(crate) limit: u32,
}

/// [`ParkedStore::get_parked`](crate::ParkedStore::get_parked).
pub(crate) struct GetParked {
    pub(crate) id: Uuid,
}

/// [`ParkedStore::count_parked`](crate::ParkedStore::count_parked).
pub(crate) struct CountParked;

/// [`Subscriptions::redriven`](crate::Subscriptions::redriven).
pub(crate) struct Redriven {
    pub(crate) process: Uuid,
    pub(crate) limit: u32,
}

const COLUMNS: &str = "p.seq, p.id, p.subscription, p.partition, p.log_offset, p.event, p.channel, p.kind, p.reason, \
                       p.attempts, p.parked_at, p.redrive, p.envelope";

impl Call for ListParked {
    type Answer = ParkedPage;
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(self, session: &mut S) -> Result<ParkedPage, StoreError> {
        let Some(after) = self.after.as_deref().map_or(Some(0), place) else {
            return Ok(ParkedPage { items: Vec::new(), next: None });
        };
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        // One more than asked for tells whether there is a next page.
        let mut values = vec![Value::Int(after), Value::Int(i64::from(self.limit) + 1)];
        let mut sql = format!("SELECT {COLUMNS} FROM kenh_parked p WHERE p.seq > $1");
        match self.filter.subscription {
            None => {}
            Some(None) => sql.push_str(" AND p.subscription IS NULL"),
            Some(Some(name)) => {
                values.push(Value::Text(name));
                sql.extend([" AND p.subscription = $", &values.len().to_string()]);
            }
        }
        if let Some(channel) = self.filter.channel {
            values.push(Value::Text(channel));
            sql.extend([" AND p.channel = $", &values.len().to_string()]);
        }
        if self.filter.redrive {
            sql.push_str(" AND p.redrive = 1");
        }
        sql.push_str(" ORDER BY p.seq LIMIT $2");
        let mut found = session.query(&sql, values).await?;
        let more = found.len() > limit;
        found.truncate(limit);
        let (places, items): (Vec<_>, Vec<_>) =
            found.into_iter().map(item).collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
        let last = places.last().copied().unwrap_or(after);
        Ok(ParkedPage { items, next: more.then(|| format!("p{last}")) })
    }
}

/// Where a page begins.
fn place(after: &str) -> Option<i64> {
    after.strip_prefix('p')?.parse().ok().filter(|seq| *seq >= 0)
}

impl Call for GetParked {
    type Answer = Option<Parked>;
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(self, session: &mut S) -> Result<Option<Parked>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM kenh_parked p WHERE p.id = $1");
        let found = session.query(&sql, vec![self.id.into()]).await?;
        found.into_iter().next().map(|row| item(row).map(|(_, item)| item)).transpose()
    }
}

impl Call for CountParked {
    type Answer = Vec<(Option<String>, u64)>;
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(self, session: &mut S) -> Result<Self::Answer, StoreError> {
        let sql = "SELECT subscription, count(*) FROM kenh_parked GROUP BY subscription";
        let counted = session.query(sql, Vec::new()).await?;
        let mut counts = counted
            .into_iter()
            .map(|mut row| Ok((row.maybe_text()?, u64::try_from(row.int()?).unwrap_or_default())))
            .collect::<Result<Vec<_>, StoreError>>()?;
        counts.sort_unstable();
        Ok(counts)
    }
}

impl Call for Redriven {
    type Answer = Vec<Parked>;
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(self, session: &mut S) -> Result<Vec<Parked>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM kenh_member m \
             JOIN kenh_window w ON w.session = m.session \
             JOIN kenh_parked p ON p.subscription = w.subscription AND p.partition = w.partition AND p.redrive = 1 \
             WHERE m.process = $1 AND m.lease_until > {{now}} ORDER BY p.seq LIMIT $2"
        );
        let found = session.query(&sql, vec![self.process.into(), self.limit.into()]).await?;
        found.into_iter().map(|row| item(row).map(|(_, item)| item)).collect()
    }
}

/// An event with its place in the list.
fn item(mut row: Row) -> Result<(i64, Parked), StoreError> {
    let seq = row.int()?;
    let item = Parked {
        id: row.uuid()?,
        subscription: row.maybe_text()?,
        partition: u32::try_from(row.int()?).unwrap_or_default(),
        offset: row.int()?.cast_unsigned(),
        event: row.uuid()?,
        channel: row.text()?,
        kind: row.text()?,
        reason: row.text()?,
        attempts: u32::try_from(row.int()?).unwrap_or(u32::MAX),
        parked_at: row.int()?,
        redrive: row.int()? == 1,
        envelope: row.bytes()?,
    };
    Ok((seq, item))
}
