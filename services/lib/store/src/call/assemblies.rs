//! Messages that come in parts.
//!
//! Whoever touches the parts of a message has locked its row first.

use std::time::Duration;

use super::{AT_ONCE, Call, Needs, count, micros};
use crate::{
    Added, Assembly, NewPart, StoreError,
    engine::{Session, Value},
};

/// Messages told of at once.
const MOST_OVERDUE: i64 = 100;

/// [`Assemblies::add_part`](crate::Assemblies::add_part).
pub(crate) struct AddPart {
    pub(crate) part: NewPart,
    pub(crate) most: u64,
}

/// [`Assemblies::assembly_told`](crate::Assemblies::assembly_told).
pub(crate) struct ToldWhole {
    pub(crate) source: String,
    pub(crate) message: String,
    pub(crate) began_at: i64,
}

/// [`Assemblies::overdue`](crate::Assemblies::overdue).
pub(crate) struct Overdue {
    pub(crate) source: String,
    pub(crate) age: Duration,
    pub(crate) settle: Duration,
}

/// [`Assemblies::forget_told`](crate::Assemblies::forget_told).
pub(crate) struct ForgetTold {
    pub(crate) source: String,
    pub(crate) one: Duration,
    pub(crate) joined: Duration,
}

impl AddPart {
    /// Names the message in a statement: `$1` and `$2`.
    fn named(&self) -> Vec<Value> {
        vec![self.part.source.as_str().into(), self.part.message.as_str().into()]
    }

    async fn full<S: Session>(&self, session: &mut S) -> Result<bool, StoreError> {
        // What is whole in one part waits for nothing.
        if self.part.total == 1 {
            return Ok(false);
        }
        let most = i64::try_from(self.most).unwrap_or(i64::MAX);
        let sql = "SELECT 1 FROM kenh_assembly WHERE source = $1 AND told_at = 0 LIMIT 1 OFFSET $2";
        Ok(!session.query(sql, vec![self.part.source.as_str().into(), (most - 1).max(0).into()]).await?.is_empty())
    }

    async fn insert<S: Session>(&self, session: &mut S) -> Result<(), StoreError> {
        let sql = "INSERT INTO kenh_part (source, message, number, body) VALUES ($1, $2, $3, $4)";
        let mut values = self.named();
        values.extend([self.part.number.into(), self.part.body.clone().into()]);
        session.query(sql, values).await.map(drop)
    }

    /// Begins it; its parts of an earlier time under this name go.
    async fn begin<S: Session>(&self, session: &mut S) -> Result<i64, StoreError> {
        session.query("DELETE FROM kenh_part WHERE source = $1 AND message = $2", self.named()).await?;
        let sql = "UPDATE kenh_assembly SET total = $3, parts = 0, began_at = {now}, told_at = 0 \
                   WHERE source = $1 AND message = $2 RETURNING began_at";
        let mut values = self.named();
        values.push(self.part.total.into());
        session.query(sql, values).await?.into_iter().next().map_or(Ok(0), |mut row| row.int())
    }
}

impl Call for AddPart {
    type Answer = Added;
    const NEEDS: Needs = Needs::Transaction;

    async fn run<S: Session>(self, session: &mut S) -> Result<Added, StoreError> {
        let sql = "SELECT total, began_at, told_at FROM kenh_assembly WHERE source = $1 AND message = $2 {lock}";
        let mut found = session.query(sql, self.named()).await?;
        if found.is_empty() {
            if self.full(session).await? {
                return Ok(Added::Full);
            }
            let new = "INSERT INTO kenh_assembly (source, message, total, parts, began_at, told_at) \
                       VALUES ($1, $2, $3, 0, {now}, 0) ON CONFLICT (source, message) DO NOTHING";
            let mut values = self.named();
            values.push(self.part.total.into());
            session.query(new, values).await?;
            found = session.query(sql, self.named()).await?;
        }
        let Some(row) = found.first_mut() else { return Err(StoreError("a message in parts is gone".into())) };
        let (total, mut began_at, told_at) = (row.int()?, row.int()?, row.int()?);
        let kept = parts(session, &self.part.source, &self.part.message).await?;
        let mut assembly = Assembly { message: self.part.message.clone(), total: number(total), began_at, parts: kept };
        let same_total = assembly.total == self.part.total;
        match assembly.parts.iter().find(|(number, _)| *number == self.part.number) {
            Some((_, body)) if *body == self.part.body && same_total => {
                return Ok(match told_at {
                    0 if assembly.is_complete() => Added::Complete(assembly),
                    0 => Added::Waiting,
                    _ => Added::Told,
                });
            }
            // A name is used again: for what is told by then, it is a new message.
            Some(_) if told_at == 0 => return Ok(Added::Another(assembly)),
            None if told_at == 0 && !same_total => return Ok(Added::Another(assembly)),
            Some(_) | None if told_at != 0 => {
                began_at = self.begin(session).await?;
                assembly = Assembly { total: self.part.total, began_at, parts: Vec::new(), ..assembly };
            }
            Some(_) | None => {}
        }
        self.insert(session).await?;
        assembly.parts.push((self.part.number, self.part.body.clone()));
        assembly.parts.sort_unstable_by_key(|(number, _)| *number);
        let sql = "UPDATE kenh_assembly SET parts = parts + 1 WHERE source = $1 AND message = $2";
        session.query(sql, self.named()).await?;
        Ok(if assembly.is_complete() { Added::Complete(assembly) } else { Added::Waiting })
    }
}

impl Assembly {
    /// Whether all its parts have come.
    pub fn is_complete(&self) -> bool {
        self.parts.len() == usize::try_from(self.total).unwrap_or(usize::MAX)
    }
}

impl Call for ToldWhole {
    type Answer = ();
    const NEEDS: Needs = Needs::Transaction;

    async fn run<S: Session>(self, session: &mut S) -> Result<(), StoreError> {
        let sql = "UPDATE kenh_assembly SET told_at = {now} WHERE source = $1 AND message = $2 AND began_at = $3";
        let values = vec![self.source.as_str().into(), self.message.as_str().into(), self.began_at.into()];
        session.query(sql, values).await.map(drop)
    }
}

impl Call for Overdue {
    type Answer = Vec<Assembly>;
    const NEEDS: Needs = Needs::Transaction;

    async fn run<S: Session>(self, session: &mut S) -> Result<Self::Answer, StoreError> {
        let sql = "SELECT message, total, began_at FROM kenh_assembly WHERE source = $1 AND told_at = 0 \
                   AND (began_at <= {now} - $2 OR (parts = total AND began_at <= {now} - $3)) \
                   ORDER BY began_at, message LIMIT $4";
        let values =
            vec![self.source.as_str().into(), micros(self.age).into(), micros(self.settle).into(), MOST_OVERDUE.into()];
        let mut overdue = Vec::new();
        for mut row in session.query(sql, values).await? {
            let (message, total, began_at) = (row.text()?, row.int()?, row.int()?);
            let parts = parts(session, &self.source, &message).await?;
            overdue.push(Assembly { message, total: number(total), began_at, parts });
        }
        Ok(overdue)
    }
}

impl Call for ForgetTold {
    type Answer = u64;
    const NEEDS: Needs = Needs::Transaction;

    async fn run<S: Session>(self, session: &mut S) -> Result<u64, StoreError> {
        let sql = "SELECT message FROM kenh_assembly \
                   WHERE source = $1 AND told_at > 0 \
                   AND (told_at <= {now} - $2 AND total = 1 OR told_at <= {now} - $3) \
                   ORDER BY message LIMIT $4 {lock}";
        let values =
            vec![self.source.as_str().into(), micros(self.one).into(), micros(self.joined).into(), AT_ONCE.into()];
        let old = session.query(sql, values).await?;
        let forgotten = count(old.len());
        for mut row in old {
            let values = vec![self.source.as_str().into(), row.text()?.as_str().into()];
            session.query("DELETE FROM kenh_part WHERE source = $1 AND message = $2", values.clone()).await?;
            session.query("DELETE FROM kenh_assembly WHERE source = $1 AND message = $2", values).await?;
        }
        Ok(forgotten)
    }
}

async fn parts<S: Session>(
    session: &mut S,
    source: &str,
    message: &str,
) -> Result<Vec<(u32, bytes::Bytes)>, StoreError> {
    let sql = "SELECT number, body FROM kenh_part WHERE source = $1 AND message = $2 ORDER BY number";
    let rows = session.query(sql, vec![source.into(), message.into()]).await?;
    rows.into_iter().map(|mut row| Ok((number(row.int()?), row.bytes()?))).collect()
}

/// What was a number of parts when it was written.
fn number(kept: i64) -> u32 {
    u32::try_from(kept).unwrap_or_default()
}
