//! What is done with a message once it is stored.

use connector_sdk::mailbox::Afterwards;

use super::{Door, Problem, Session, command, name};

/// Leaves, marks or moves a message. `moves`: the server has MOVE (RFC 6851).
pub(super) async fn file(door: &Door, session: &mut Session, moves: bool, uid: u32) -> Result<(), Problem> {
    let set = uid.to_string();
    match door.afterwards() {
        Afterwards::Leave => Ok(()),
        Afterwards::MarkSeen => command::flag(door, session, uid, "\\Seen").await,
        Afterwards::Move(target) if moves => door.answer(session.uid_mv(&set, name::encode(target))).await,
        // Without MOVE. Only this message is expunged (UIDPLUS); without that it stays, marked as deleted.
        Afterwards::Move(target) => {
            door.answer(session.uid_copy(&set, name::encode(target))).await?;
            command::flag(door, session, uid, "\\Deleted").await?;
            command::expunge(door, session, uid).await
        }
    }
}
