//! What comes in.

use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use tokio::{
    io::ReadHalf,
    sync::mpsc::{self, error::TrySendError},
    time::timeout,
};
use tokio_util::codec::{FramedRead, LengthDelimitedCodec};

use super::{Gone, Session, Stream};
use crate::{
    frame::{self, Header, operation},
    status,
};

/// A length that cannot be, and an operation nobody knows.
const INVALID_LENGTH: u32 = 0x02;
const INVALID_OPERATION: u32 = 0x03;

/// Reads until the session is over.
pub(super) async fn read(
    session: Session,
    mut from: FramedRead<ReadHalf<Box<dyn Stream>>, LengthDelimitedCodec>,
    deliver: mpsc::Sender<Bytes>,
    enquire_every: Duration,
) {
    let over = session.0.over.clone();
    let mut asked = false;
    while !over.is_cancelled() {
        let wait = if asked { session.0.response_timeout } else { enquire_every };
        let next = tokio::select! {
            () = over.cancelled() => return,
            next = timeout(wait, from.next()) => next,
        };
        match next {
            // Any word is one, not the answer alone.
            Err(_) if asked => session.end(Gone::Silent),
            Err(_) => {
                asked = true;
                let sequence = session.sequence();
                session.say(frame::bare(Header { operation: operation::ENQUIRE_LINK, status: 0, sequence }, false));
            }
            Ok(None) => session.end(Gone::Cut),
            Ok(Some(Err(error))) => {
                let broken = error.kind() == std::io::ErrorKind::InvalidData;
                session.end(if broken { Gone::Broken } else { Gone::Cut });
            }
            Ok(Some(Ok(pdu))) => {
                asked = false;
                heard(&session, pdu.freeze(), &deliver);
            }
        }
    }
}

fn heard(session: &Session, pdu: Bytes, deliver: &mpsc::Sender<Bytes>) {
    let Some(header) = Header::of(&pdu) else {
        let nack = Header { operation: operation::GENERIC_NACK, status: INVALID_LENGTH, sequence: 0 };
        session.say(frame::bare(nack, false));
        return session.end(Gone::Broken);
    };
    match header.operation {
        operation::UNBIND_RESP => session.end(Gone::Closed),
        _ if header.is_response() => session.0.requests.answer(header.sequence, pdu),
        operation::ENQUIRE_LINK => session.say(header.response(status::OK, false)),
        operation::DELIVER_SM | operation::DATA_SM => match deliver.try_send(pdu) {
            Ok(()) => {}
            Err(TrySendError::Full(pdu)) => session.answer(&pdu, status::QUEUE_FULL),
            // A transmitter has nobody who takes it.
            Err(TrySendError::Closed(pdu)) => session.answer(&pdu, status::TEMPORARY),
        },
        operation::UNBIND => {
            session.say(header.response(status::OK, false));
            session.unbound();
        }
        // It wants no answer.
        operation::ALERT_NOTIFICATION => {}
        _ => {
            let nack = Header { operation: operation::GENERIC_NACK, status: INVALID_OPERATION, ..header };
            session.say(frame::bare(nack, false));
        }
    }
}
