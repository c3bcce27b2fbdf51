//! What goes out, one PDU behind the other.

use bytes::Bytes;
use tokio::{
    io::{AsyncWriteExt as _, WriteHalf},
    sync::mpsc,
};

use super::{Gone, Session, Stream};

/// PDUs that wait to be written: more than a window, and as many answers as may be due.
pub(super) const QUEUE: usize = 2048;

/// What goes out.
pub(super) enum Out {
    /// Somebody waits for its answer.
    Request { sequence: u32, pdu: Bytes },
    /// Nobody does.
    Plain(Bytes),
}

/// Writes until the session is over.
pub(super) async fn write(session: Session, mut to: WriteHalf<Box<dyn Stream>>, mut queue: mpsc::Receiver<Out>) {
    let over = session.0.over.clone();
    loop {
        let next = tokio::select! {
            () = over.cancelled() => break,
            next = queue.recv() => next,
        };
        let Some(next) = next else { break };
        let pdu = match next {
            Out::Request { sequence, .. } if !session.0.requests.write(sequence) => continue,
            Out::Request { pdu, .. } | Out::Plain(pdu) => pdu,
        };
        let written = async {
            to.write_all(&pdu).await?;
            to.flush().await
        };
        let written = tokio::select! {
            () = over.cancelled() => break,
            written = written => written,
        };
        if written.is_err() {
            session.end(Gone::Cut);
            break;
        }
    }
    drop(to.shutdown().await);
}
