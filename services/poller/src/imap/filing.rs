//! What is done with a message once it is stored.

use connector_sdk::mailbox::Afterwards;
use futures_util::TryStreamExt as _;

use super::{Door, Problem, Session, name};

/// Leaves, marks or moves a message. `moves`: the server has MOVE (RFC 6851).
pub(super) async fn file(door: &Door, session: &mut Session, moves: bool, uid: u32) -> Result<(), Problem> {
    let set = uid.to_string();
    match door.afterwards() {
        Afterwards::Leave => Ok(()),
        Afterwards::MarkSeen => {
            let marking = async {
                let lines = session.uid_store(&set, "+FLAGS.SILENT (\\Seen)").await?;
                lines.try_for_each(|_| async { Ok(()) }).await
            };
            door.answer(marking).await
        }
        Afterwards::Move(target) if moves => door.answer(session.uid_mv(&set, name::encode(target))).await,
        // Without MOVE. Only this message is expunged (UIDPLUS); without that it stays, marked as deleted.
        Afterwards::Move(target) => {
            let moving = async {
                session.uid_copy(&set, name::encode(target)).await?;
                let lines = session.uid_store(&set, "+FLAGS.SILENT (\\Deleted)").await?;
                lines.try_for_each(|_| async { Ok(()) }).await?;
                let lines = session.uid_expunge(&set).await?;
                lines.try_for_each(|_| async { Ok(()) }).await
            };
            door.answer(moving).await
        }
    }
}
