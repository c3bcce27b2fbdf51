//! One attached process.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use kenh_proto::v1::{Register, attach_response::Response};
use tokio::sync::{mpsc, oneshot};

use crate::{answer::Answer, pending::Pending};

/// Questions that wait for an answer, by number.
type Asked = HashMap<u64, oneshot::Sender<Answer>>;

/// A process as the switchboard has it.
#[derive(Debug)]
pub(crate) struct Attached {
    pub(crate) number: u64,
    pub(crate) channel: &'static str,
    pub(crate) version: String,
    pub(crate) takes_deliveries: bool,
    pub(crate) takes_sends: bool,
    room: usize,
    questions: mpsc::Sender<Pending>,
    /// `None` once it is gone: nothing is asked any more.
    asked: Mutex<Option<Asked>>,
    /// Questions in a row that it did not answer in time: others are asked first.
    late: AtomicU32,
}

/// A question that was asked. Dropped, it is forgotten.
pub(crate) struct Question {
    process: Arc<Attached>,
    id: u64,
    pending: Pending,
    pub(crate) answer: oneshot::Receiver<Answer>,
}

impl Drop for Question {
    fn drop(&mut self) {
        // One that does not read keeps nobody's call in memory.
        drop(self.pending.take());
        if let Some(asked) = self.process.lock().as_mut() {
            asked.remove(&self.id);
        }
    }
}

impl Attached {
    pub(crate) fn new(
        (number, channel): (u64, &'static str),
        register: &Register,
        room: usize,
        questions: mpsc::Sender<Pending>,
    ) -> Self {
        Self {
            number,
            channel,
            version: register.version.clone(),
            takes_deliveries: register.takes_deliveries,
            takes_sends: register.takes_sends,
            room,
            questions,
            asked: Mutex::new(Some(Asked::new())),
            late: AtomicU32::new(0),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Asked>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How little it is to be asked: first those that answer, then those that have little to do.
    pub(crate) fn burden(&self) -> (u32, usize) {
        (self.late.load(Ordering::Relaxed), self.lock().as_ref().map_or(usize::MAX, HashMap::len))
    }

    /// Asks it; `None` where it has as much as it takes, or is gone.
    pub(crate) fn ask(self: &Arc<Self>, id: u64, question: Response) -> Option<Question> {
        let (answer, receiver) = oneshot::channel();
        {
            let mut asked = self.lock();
            let asked = asked.as_mut().filter(|asked| asked.len() < self.room)?;
            asked.insert(id, answer);
        }
        let pending = Pending::of(question);
        let asked = Question { process: self.clone(), id, pending: pending.clone(), answer: receiver };
        self.questions.try_send(pending).ok().map(|()| asked)
    }

    /// It did not answer in time.
    pub(crate) fn was_late(&self) {
        // Far from the end of the numbers: what counts is that there are some.
        if self.late.load(Ordering::Relaxed) < 1000 {
            self.late.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// It answered: whoever asked is told, unless it does not wait any more.
    pub(crate) fn answered(&self, id: u64, answer: Answer) {
        self.late.store(0, Ordering::Relaxed);
        let waiting = self.lock().as_mut().and_then(|asked| asked.remove(&id));
        if let Some(waiting) = waiting {
            drop(waiting.send(answer));
        }
    }

    /// It is gone: whoever waits for an answer of its is told.
    pub(crate) fn leave(&self) {
        drop(self.lock().take());
    }
}

/// Takes a process off the switchboard when it is dropped.
#[derive(Debug)]
pub struct Detached {
    pub(crate) switchboard: crate::Switchboard,
    pub(crate) process: Arc<Attached>,
}

impl Detached {
    /// The process said something. An answer to what nobody asked, or does not wait for any more, is nothing.
    pub fn said(&self, request: kenh_proto::v1::attach_request::Request) {
        if let Some((id, answer)) = Answer::of(request) {
            self.process.answered(id, answer);
        }
    }

    /// Questions that it has not answered.
    pub fn open(&self) -> usize {
        self.process.lock().as_ref().map_or(0, HashMap::len)
    }

    /// Asks it nothing more; what was asked may still be answered.
    pub fn drain(&self) {
        self.switchboard.remove(&self.process);
        let drain = Response::Drain(kenh_proto::v1::DrainConnector {});
        drop(self.process.questions.try_send(Pending::of(drain)));
    }
}

impl Drop for Detached {
    fn drop(&mut self) {
        self.switchboard.remove(&self.process);
        self.process.leave();
    }
}
