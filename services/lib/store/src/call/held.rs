//! Windows in the hands of a member.

use std::collections::HashSet;

use super::{Call, Needs, parked};
use crate::{
    Held, Member, Save, Saved, StoreError,
    engine::{Column, Session},
};

/// [`Subscriptions::hold`](crate::Subscriptions::hold).
pub(crate) struct Hold {
    pub(crate) member: Member,
    pub(crate) partition: u32,
}

/// [`Subscriptions::save`](crate::Subscriptions::save).
pub(crate) struct SaveAll {
    pub(crate) saves: Vec<Save>,
}

impl Call for Hold {
    type Answer = Option<Held>;
    const NEEDS: Needs = Needs::Transaction;

    async fn run<S: Session>(self, session: &mut S) -> Result<Option<Held>, StoreError> {
        let Member { subscription, consumer, session: id, process } = &self.member;
        let sql = "SELECT partition FROM kenh_window WHERE subscription = $1 AND partition = $2 {lock}";
        session.query(sql, vec![subscription.as_str().into(), self.partition.into()]).await?;
        // A statement of its own: it sees who is there now, not who was there before it had to wait.
        let sql = "UPDATE kenh_window SET session = $3, epoch = kenh_window.epoch + 1 \
                   WHERE subscription = $1 AND partition = $2 \
                   AND NOT EXISTS (SELECT 1 FROM kenh_member m \
                       WHERE m.session = kenh_window.session AND m.lease_until > {now}) \
                   AND EXISTS (SELECT 1 FROM kenh_member m WHERE m.session = $3 AND m.lease_until > {now} \
                       AND m.subscription = $1 AND m.consumer = $4 AND m.process = $5) \
                   RETURNING epoch, position, state";
        let values = vec![
            subscription.as_str().into(),
            self.partition.into(),
            (*id).into(),
            consumer.as_str().into(),
            (*process).into(),
        ];
        let Some(mut row) = session.query(sql, values).await?.into_iter().next() else { return Ok(None) };
        let (epoch, position, state) = (row.int()?, row.int()?, row.bytes()?);
        Ok(Some(Held { epoch: epoch.cast_unsigned(), position: position.cast_unsigned(), state }))
    }
}

impl Call for SaveAll {
    type Answer = Vec<Saved>;
    const NEEDS: Needs = Needs::Transaction;

    async fn run<S: Session>(self, session: &mut S) -> Result<Vec<Saved>, StoreError> {
        lock(session, &self.saves).await?;
        let mut answers = vec![Saved::Fenced; self.saves.len()];
        let mut left: Vec<(usize, &Save)> = self.saves.iter().enumerate().collect();
        // A statement takes each window once; further saves of one window come after it, in their order.
        while !left.is_empty() {
            let mut windows = HashSet::new();
            let (now, later): (Vec<_>, Vec<_>) = left.into_iter().partition(|(_, save)| windows.insert(window(save)));
            let saved = save(session, &now).await?;
            let taken: Vec<_> = now.into_iter().filter(|(_, save)| saved.contains(&window(save))).collect();
            let unparked: Vec<_> = taken.iter().flat_map(|(_, save)| &save.unpark).copied().collect();
            parked::remove(session, &unparked).await?;
            let anew: Vec<_> = taken.iter().flat_map(|(_, save)| &save.park).collect();
            parked::insert(session, &anew, parked::Again::Anew).await?;
            for (index, _) in taken {
                if let Some(answer) = answers.get_mut(index) {
                    *answer = Saved::Yes;
                }
            }
            left = later;
        }
        Ok(answers)
    }
}

fn window(save: &Save) -> (String, u32) {
    (save.subscription.clone(), save.partition)
}

/// Nobody else changes these windows meanwhile.
async fn lock<S: Session>(session: &mut S, saves: &[Save]) -> Result<(), StoreError> {
    let sql = "SELECT w.partition FROM {rows} \
               JOIN kenh_window w ON w.subscription = r.subscription AND w.partition = r.partition \
               ORDER BY w.subscription, w.partition {lock w}";
    let columns = vec![
        ("subscription", Column::texts(saves.iter().map(|save| save.subscription.as_str()))),
        ("partition", Column::Ints(saves.iter().map(|save| save.partition.into()).collect())),
    ];
    session.each(sql, Vec::new(), columns).await?;
    Ok(())
}

/// Saves different windows. Those that were.
async fn save<S: Session>(session: &mut S, saves: &[(usize, &Save)]) -> Result<HashSet<(String, u32)>, StoreError> {
    let sql = "UPDATE kenh_window SET position = r.position, state = r.state, \
                   session = CASE WHEN r.release = 1 THEN NULL ELSE kenh_window.session END \
               FROM {rows} WHERE kenh_window.subscription = r.subscription AND kenh_window.partition = r.partition \
               AND kenh_window.session = r.session AND kenh_window.epoch = r.epoch \
               AND EXISTS (SELECT 1 FROM kenh_member m WHERE m.session = r.session AND m.lease_until > {now}) \
               RETURNING kenh_window.subscription, kenh_window.partition";
    let ints = |of: fn(&Save) -> i64| Column::Ints(saves.iter().map(|(_, save)| of(save)).collect());
    let columns = vec![
        ("subscription", Column::texts(saves.iter().map(|(_, save)| save.subscription.as_str()))),
        ("partition", ints(|save| save.partition.into())),
        ("session", Column::Uuids(saves.iter().map(|(_, save)| save.session).collect())),
        ("epoch", ints(|save| save.epoch.cast_signed())),
        ("position", ints(|save| save.position.cast_signed())),
        ("state", Column::Bytes(saves.iter().map(|(_, save)| save.state.clone()).collect())),
        ("release", ints(|save| save.release.into())),
    ];
    let taken = session.each(sql, Vec::new(), columns).await?;
    taken.into_iter().map(|mut row| Ok((row.text()?, u32::try_from(row.int()?).unwrap_or_default()))).collect()
}
