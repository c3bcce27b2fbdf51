//! Requests without an answer, by their sequence numbers.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use tokio::sync::oneshot;

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lost {
    /// No byte of the request was given to the connection.
    NotSent,
    /// It was, or some of it.
    NoReply,
}

#[derive(Default)]
pub(super) struct Requests(Mutex<BTreeMap<u32, Request>>);

struct Request {
    written: bool,
    answer: oneshot::Sender<Result<Bytes, Lost>>,
}

impl Request {
    fn lost(&self) -> Lost {
        if self.written { Lost::NoReply } else { Lost::NotSent }
    }
}

impl Requests {
    fn all(&self) -> MutexGuard<'_, BTreeMap<u32, Request>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One that is about to be sent.
    pub(super) fn begin(&self, sequence: u32) -> oneshot::Receiver<Result<Bytes, Lost>> {
        let (answer, answered) = oneshot::channel();
        self.all().insert(sequence, Request { written: false, answer });
        answered
    }

    /// It is given to the connection now. Whether anybody still wants it.
    pub(super) fn write(&self, sequence: u32) -> bool {
        let mut all = self.all();
        let Some(request) = all.get_mut(&sequence) else { return false };
        request.written = true;
        true
    }

    /// Its answer is there. An answer nobody waits for is dropped: its request has an unknown outcome by now.
    pub(super) fn answer(&self, sequence: u32, pdu: Bytes) {
        let request = self.all().remove(&sequence);
        if let Some(request) = request {
            drop(request.answer.send(Ok(pdu)));
        }
    }

    /// Nobody waits for it any more.
    pub(super) fn give_up(&self, sequence: u32) -> Lost {
        self.all().remove(&sequence).map_or(Lost::NoReply, |request| request.lost())
    }

    /// No answer will come.
    pub(super) fn lose_all(&self) {
        for (_, request) in std::mem::take(&mut *self.all()) {
            let lost = request.lost();
            drop(request.answer.send(Err(lost)));
        }
    }
}
