//! Writing what became of a message.

use std::{collections::HashSet, time::Duration};

use uuid::Uuid;

use super::{UNPAUSED, external, hold, number, rank};
use crate::{
    Freed, Phase, StoreError, Written,
    call::{Call, Needs, micros},
    engine::{Column, Session, Value},
};

/// [`Outbox::write`](crate::Outbox::write).
pub(crate) struct Write {
    pub(crate) written: Written,
}

/// [`Outbox::rewrite`](crate::Outbox::rewrite).
pub(crate) struct Rewrite {
    pub(crate) written: Written,
    pub(crate) from: Phase,
    pub(crate) lifetime: Option<Duration>,
}

impl Call for Write {
    type Answer = Option<Freed>;
    const NEEDS: Needs = Needs::Transaction;

    async fn run<S: Session>(self, session: &mut S) -> Result<Option<Freed>, StoreError> {
        advance(session, &self.written, Phase::Sending, None).await
    }
}

impl Call for Rewrite {
    type Answer = Option<Freed>;
    const NEEDS: Needs = Needs::Transaction;

    async fn run<S: Session>(self, session: &mut S) -> Result<Option<Freed>, StoreError> {
        // That is for who has the turn.
        if self.from == Phase::Sending || self.written.phase == Phase::Sending {
            return Ok(None);
        }
        advance(session, &self.written, self.from, self.lifetime).await
    }
}

/// Where a message is sent from, and since when at most.
struct Place {
    channel: String,
    account: String,
    conversation: Uuid,
    began_at: i64,
}

async fn advance<S: Session>(
    session: &mut S,
    written: &Written,
    from: Phase,
    lifetime: Option<Duration>,
) -> Result<Option<Freed>, StoreError> {
    // Going on with one's turn decides nothing about the conversation.
    if written.phase != Phase::Sending && !hold(session, written.id).await? {
        return Ok(None);
    }
    let Some(place) = update(session, written, from, lifetime).await? else { return Ok(None) };
    let early = give(session, written, &place).await?;
    let next = match written.phase {
        Phase::Sending => None,
        Phase::Waiting | Phase::Ended => next(session, place.conversation).await?.filter(|next| *next != written.id),
    };
    Ok(Some(Freed { next, early }))
}

/// Writes it, where it stands as the writer believes.
async fn update<S: Session>(
    session: &mut S,
    written: &Written,
    from: Phase,
    lifetime: Option<Duration>,
) -> Result<Option<Place>, StoreError> {
    let mut values: Vec<Value> = vec![
        written.id.into(),
        written.turn.cast_signed().into(),
        number(from).into(),
        number(written.phase).into(),
        i64::from(written.state).into(),
        written.record.clone().into(),
        rank(written.hold).into(),
    ];
    let mut sql =
        String::from("UPDATE kenh_outbound SET phase = $4, state = $5, record = $6, hold = $7, updated_at = {wall}");
    let mut later = |column: &str, duration: Duration| {
        values.push(micros(duration).into());
        sql.extend([", ", column, " + $", &values.len().to_string()]);
    };
    match written.phase {
        Phase::Waiting => later("due_at = {wall}", written.delay),
        Phase::Sending => later("lease_until = {now}", written.delay),
        Phase::Ended => {}
    }
    if let Some(lifetime) = lifetime {
        later("expires_at = {wall}", lifetime);
    }
    sql.push_str(" WHERE id = $1 AND turn = $2 AND phase = $3 RETURNING channel, account, conversation, began_at");
    let Some(mut row) = session.query(&sql, values).await?.pop() else { return Ok(None) };
    Ok(Some(Place { channel: row.text()?, account: row.text()?, conversation: row.uuid()?, began_at: row.int()? }))
}

/// The ids are the message's from now on. Whether the channel's word was there before one of them.
async fn give<S: Session>(session: &mut S, written: &Written, place: &Place) -> Result<bool, StoreError> {
    if written.ids.is_empty() {
        return Ok(false);
    }
    // A statement takes each once, and in the order of the keys.
    let mut ids = written.ids.clone();
    ids.sort_by(|one, other| one.0.cmp(&other.0));
    let mut seen = HashSet::new();
    ids.retain(|(id, _)| seen.insert(id.clone()));
    let sql = "INSERT INTO kenh_given (channel, account, provider_id, outbound, conversation, piece, given_at, \
                   status, status_at, told, noted_at) \
               SELECT $1, $2, r.provider_id, $3, $4, r.piece, $5, 0, 0, 0, {wall} FROM {rows} WHERE true ORDER BY r.place \
               ON CONFLICT (channel, account, provider_id) DO UPDATE \
               SET outbound = excluded.outbound, conversation = excluded.conversation, piece = excluded.piece, \
                   given_at = excluded.given_at, noted_at = excluded.noted_at \
               WHERE kenh_given.outbound IS NULL RETURNING CASE WHEN told < status THEN 1 ELSE 0 END";
    let values = vec![
        place.channel.as_str().into(),
        external(&place.account).into(),
        written.id.into(),
        place.conversation.into(),
        place.began_at.into(),
    ];
    let columns = vec![
        ("provider_id", Column::texts(ids.iter().map(|(id, _)| id.as_str()))),
        ("piece", Column::Ints(ids.iter().map(|(_, piece)| i64::from(*piece)).collect())),
        ("place", Column::Ints((0..).take(ids.len()).collect())),
    ];
    let mut early = false;
    for mut row in session.each(sql, values, columns).await? {
        early |= row.int()? == 1;
    }
    if written.phase == Phase::Sending {
        let sql = "UPDATE kenh_outbound SET began_at = {wall} WHERE id = $1";
        session.query(sql, vec![written.id.into()]).await?;
    }
    Ok(early)
}

/// Whose turn it is in a conversation, if somebody may have it now.
async fn next<S: Session>(session: &mut S, conversation: Uuid) -> Result<Option<Uuid>, StoreError> {
    let sql = format!(
        "SELECT id, CASE WHEN phase = 0 AND due_at <= {{wall}} AND {UNPAUSED} THEN 1 ELSE 0 END FROM kenh_outbound \
         WHERE conversation = $1 AND phase < 2 AND (phase = 1 OR (turn > 0 AND hold > 0) OR due_at <= {{wall}}) \
         ORDER BY phase DESC, hold DESC, seq LIMIT 1"
    );
    let Some(mut row) = session.query(&sql, vec![conversation.into()]).await?.pop() else { return Ok(None) };
    let (id, may) = (row.uuid()?, row.int()? == 1);
    Ok(may.then_some(id))
}
