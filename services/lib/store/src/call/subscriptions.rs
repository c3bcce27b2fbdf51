//! Subscriptions as a whole.

use bytes::Bytes;
use uuid::Uuid;

use super::{Call, Needs, alone, count};
use crate::{
    CreateError, Member, StoreError, Subscription, Window,
    engine::{Column, Row, Session},
};

/// [`Subscriptions::create`](crate::Subscriptions::create).
pub(crate) struct Create {
    pub(crate) name: String,
    pub(crate) spec: Bytes,
    pub(crate) start: Vec<u64>,
    pub(crate) most: u64,
}

/// [`Subscriptions::get`](crate::Subscriptions::get).
pub(crate) struct Get {
    pub(crate) name: String,
}

/// [`Subscriptions::list`](crate::Subscriptions::list).
pub(crate) struct List {
    pub(crate) after: String,
    pub(crate) limit: u32,
}

/// [`Subscriptions::delete`](crate::Subscriptions::delete).
pub(crate) struct Delete {
    pub(crate) name: String,
}

/// [`Subscriptions::windows`](crate::Subscriptions::windows).
pub(crate) struct Windows {
    pub(crate) name: String,
}

/// [`Subscriptions::seek`](crate::Subscriptions::seek).
pub(crate) struct Seek {
    pub(crate) name: String,
    pub(crate) positions: Vec<u64>,
}

/// [`Subscriptions::generations`](crate::Subscriptions::generations).
pub(crate) struct Generations {
    pub(crate) process: Uuid,
}

impl Call for Create {
    type Answer = Result<Subscription, CreateError>;
    const NEEDS: Needs = Needs::Transaction;

    async fn run<S: Session>(self, session: &mut S) -> Result<Self::Answer, StoreError> {
        // One at a time, so that the number is exact.
        alone(session).await?;
        if let Some(existing) = (Get { name: self.name.clone() }).run(session).await? {
            return Ok(Err(CreateError::Exists(existing)));
        }
        let there = session.query("SELECT count(*) FROM kenh_subscription", Vec::new()).await?;
        let there = there.into_iter().next().map_or(Ok(0), |mut row| row.int())?;
        if u64::try_from(there).unwrap_or_default() >= self.most {
            return Ok(Err(CreateError::TooMany(self.most)));
        }
        let sql = "INSERT INTO kenh_subscription (name, spec, generation, created_at) VALUES ($1, $2, 0, {now}) \
                   RETURNING name, spec, created_at";
        let created = session.query(sql, vec![self.name.as_str().into(), self.spec.into()]).await?;
        let sql = "INSERT INTO kenh_window (subscription, partition, position, state, epoch) \
                   SELECT $1, r.partition, r.position, $2, 0 FROM {rows}";
        session.each(sql, vec![self.name.as_str().into(), Bytes::new().into()], places(&self.start)).await?;
        let created = created.into_iter().next().map(subscription).transpose()?;
        created.map(Ok).ok_or_else(|| StoreError("nothing was inserted".into()))
    }
}

/// A row for each partition.
fn places(positions: &[u64]) -> Vec<(&'static str, Column)> {
    let partitions = (0..).take(positions.len()).collect();
    let positions = positions.iter().map(|position| position.cast_signed()).collect();
    vec![("partition", Column::Ints(partitions)), ("position", Column::Ints(positions))]
}

impl Call for Get {
    type Answer = Option<Subscription>;
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(self, session: &mut S) -> Result<Self::Answer, StoreError> {
        let sql = "SELECT name, spec, created_at FROM kenh_subscription WHERE name = $1";
        let found = session.query(sql, vec![self.name.as_str().into()]).await?;
        found.into_iter().next().map(subscription).transpose()
    }
}

impl Call for List {
    type Answer = Vec<Subscription>;
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(self, session: &mut S) -> Result<Self::Answer, StoreError> {
        let sql = "SELECT name, spec, created_at FROM kenh_subscription WHERE name > $1 ORDER BY name LIMIT $2";
        let found = session.query(sql, vec![self.after.as_str().into(), self.limit.into()]).await?;
        found.into_iter().map(subscription).collect()
    }
}

impl Call for Delete {
    type Answer = bool;
    const NEEDS: Needs = Needs::Transaction;

    async fn run<S: Session>(self, session: &mut S) -> Result<bool, StoreError> {
        if !lock(session, &self.name).await? {
            return Ok(false);
        }
        // Nobody can park with a save now: that needs a window.
        lock_windows(session, &self.name).await?;
        for sql in ["DELETE FROM kenh_parked WHERE subscription = $1", "DELETE FROM kenh_subscription WHERE name = $1"]
        {
            session.query(sql, vec![self.name.as_str().into()]).await?;
        }
        Ok(true)
    }
}

impl Call for Windows {
    type Answer = Vec<Window>;
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(self, session: &mut S) -> Result<Self::Answer, StoreError> {
        let sql = "SELECT w.partition, w.position, w.state, w.epoch, m.session, m.consumer, m.process \
                   FROM kenh_window w LEFT JOIN kenh_member m ON m.session = w.session AND m.lease_until > {now} \
                   WHERE w.subscription = $1 ORDER BY w.partition";
        let found = session.query(sql, vec![self.name.as_str().into()]).await?;
        found.into_iter().map(|row| window(&self.name, row)).collect()
    }
}

impl Call for Seek {
    type Answer = bool;
    const NEEDS: Needs = Needs::Transaction;

    async fn run<S: Session>(self, session: &mut S) -> Result<bool, StoreError> {
        if !lock(session, &self.name).await? {
            return Ok(false);
        }
        let there = lock_windows(session, &self.name).await?;
        let given = count(self.positions.len());
        if there != given {
            return Err(StoreError(format!("the subscription has {there} windows, {given} offsets were given")));
        }
        let sql = "UPDATE kenh_window SET position = r.position, state = $2, session = NULL, \
                   epoch = kenh_window.epoch + 1 FROM {rows} \
                   WHERE kenh_window.subscription = $1 AND kenh_window.partition = r.partition";
        session.each(sql, vec![self.name.as_str().into(), Bytes::new().into()], places(&self.positions)).await?;
        let sql = "UPDATE kenh_subscription SET generation = generation + 1 WHERE name = $1";
        session.query(sql, vec![self.name.as_str().into()]).await?;
        Ok(true)
    }
}

impl Call for Generations {
    type Answer = Vec<(String, u64)>;
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(self, session: &mut S) -> Result<Self::Answer, StoreError> {
        let sql = "SELECT name, generation FROM kenh_subscription WHERE name IN \
                   (SELECT subscription FROM kenh_member WHERE process = $1)";
        let found = session.query(sql, vec![self.process.into()]).await?;
        found.into_iter().map(|mut row| Ok((row.text()?, row.int()?.cast_unsigned()))).collect()
    }
}

/// One at a time changes what a subscription consists of. Whether there is such a subscription.
pub(super) async fn lock<S: Session>(session: &mut S, name: &str) -> Result<bool, StoreError> {
    let found = session.query("SELECT name FROM kenh_subscription WHERE name = $1 {lock}", vec![name.into()]).await?;
    Ok(!found.is_empty())
}

/// Its windows stay as they are. How many.
async fn lock_windows<S: Session>(session: &mut S, name: &str) -> Result<u64, StoreError> {
    let sql = "SELECT partition FROM kenh_window WHERE subscription = $1 ORDER BY partition {lock}";
    Ok(count(session.query(sql, vec![name.into()]).await?.len()))
}

fn subscription(mut row: Row) -> Result<Subscription, StoreError> {
    Ok(Subscription { name: row.text()?, spec: row.bytes()?, created_at: row.int()? })
}

fn window(name: &str, mut row: Row) -> Result<Window, StoreError> {
    let mut window = Window {
        partition: u32::try_from(row.int()?).unwrap_or_default(),
        position: row.int()?.cast_unsigned(),
        state: row.bytes()?,
        epoch: row.int()?.cast_unsigned(),
        holder: None,
    };
    let (session, consumer, process): (Option<Uuid>, _, _) = (row.maybe_uuid()?, row.maybe_text()?, row.maybe_uuid()?);
    if let (Some(session), Some(consumer), Some(process)) = (session, consumer, process) {
        window.holder = Some(Member { subscription: name.into(), consumer, session, process });
    }
    Ok(window)
}
