//! Commands whose answers are read to their end.
//!
//! The library's own calls take a refusal, and a connection that breaks, for an answer without lines. Here nothing but the
//! server's OK is one: an empty answer means that a message is not there, and it is never asked for again.

use async_imap::imap_proto::{AttributeValue, MailboxDatum, Response, Status};

use super::{Door, Problem, Session};

/// What the server says of one message.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// Its size in bytes.
    pub(super) size: Option<u32>,
    /// The part that was asked for.
    pub(super) part: Option<Vec<u8>>,
}

/// Numbers of the messages that a query finds, in order.
pub(super) async fn search(door: &Door, session: &mut Session, query: &str) -> Result<Vec<u32>, Problem> {
    let mut found = Vec::new();
    obey(door, session, &format!("UID SEARCH {query}"), |line| {
        if let Response::MailboxData(MailboxDatum::Search(uids)) = line {
            found.extend_from_slice(uids);
        }
    })
    .await?;
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// Fetches parts of one message. Servers also say what nobody asked for: lines about other messages are left out. `None`:
/// the server says nothing of it.
pub(super) async fn fetch(door: &Door, session: &mut Session, uid: u32, what: &str) -> Result<Option<Said>, Problem> {
    let mut said = None;
    obey(door, session, &format!("UID FETCH {uid} (UID {what})"), |line| {
        let Response::Fetch(_, attributes) = line else { return };
        if !attributes.contains(&AttributeValue::Uid(uid)) {
            return;
        }
        let said = said.get_or_insert_with(Said::default);
        for attribute in attributes {
            if let AttributeValue::Rfc822Size(size) = attribute {
                said.size = Some(*size);
            } else if let AttributeValue::BodySection { data: Some(data), .. } = attribute {
                said.part = Some(data.to_vec());
            }
        }
    })
    .await?;
    Ok(said)
}

/// Adds a flag to one message.
pub(super) async fn flag(door: &Door, session: &mut Session, uid: u32, flag: &str) -> Result<(), Problem> {
    obey(door, session, &format!("UID STORE {uid} +FLAGS.SILENT ({flag})"), |_| ()).await
}

/// Expunges one message that is flagged as deleted (RFC 4315).
pub(super) async fn expunge(door: &Door, session: &mut Session, uid: u32) -> Result<(), Problem> {
    obey(door, session, &format!("UID EXPUNGE {uid}"), |_| ()).await
}

/// Says a command and reads lines until the server has answered it.
async fn obey(
    door: &Door,
    session: &mut Session,
    command: &str,
    mut read: impl FnMut(&Response<'_>),
) -> Result<(), Problem> {
    let cut = |_| Problem::Broken("it was cut");
    let tag = door.answer(session.run_command(command)).await?;
    loop {
        let line = door.answer(async { session.read_response().await.map_err(cut) }).await?;
        let line = line.ok_or(Problem::Broken("it was cut"))?;
        if let Response::Done { tag: done, status, .. } = line.parsed()
            && *done == tag
        {
            return if *status == Status::Ok { Ok(()) } else { Err(Problem::Denied) };
        }
        read(line.parsed());
    }
}
