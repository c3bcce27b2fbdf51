//! Asking for claims: what comes in while one question is under way goes into the next.

use std::{sync::Arc, time::Duration};

use kenh_store::{Claimed, Store};
use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};
use tracing::{info, warn};
use uuid::Uuid;

/// Questions of one round trip.
const MOST: usize = 256;
/// How long an event waits for the store. With the confirm deadline it stays under the two seconds that the most
/// impatient channels give.
const PATIENCE: Duration = Duration::from_millis(500);
/// Late answers in a row after which the store counts as silent.
const LATE: u32 = 3;
/// How long the store is left alone after it did not answer.
const PAUSE: Duration = Duration::from_secs(1);

/// A way to the task that asks.
#[derive(Debug, Clone)]
pub(super) struct Claimer(mpsc::Sender<Question>);

#[derive(Debug)]
struct Question {
    ids: Vec<Uuid>,
    /// `None`: the store does not answer.
    answer: oneshot::Sender<Option<Claimed>>,
}

impl Claimer {
    /// Starts the task. It ends when nobody can reach it any more.
    pub(super) fn start(store: Arc<dyn Store>, process: Uuid, lapse: Duration) -> Self {
        let (questions, asked) = mpsc::channel(MOST);
        tokio::spawn(Asker { store, process, lapse, silent_until: None, late: 0 }.work(asked));
        Self(questions)
    }

    /// Claims events; `None` when the store does not answer.
    pub(super) async fn claim(&self, ids: Vec<Uuid>) -> Option<Claimed> {
        let (answer, answered) = oneshot::channel();
        self.0.send(Question { ids, answer }).await.ok()?;
        answered.await.ok()?
    }
}

struct Asker {
    store: Arc<dyn Store>,
    process: Uuid,
    lapse: Duration,
    /// The store did not answer; it is asked again then.
    silent_until: Option<Instant>,
    /// Late answers in a row.
    late: u32,
}

impl Asker {
    async fn work(mut self, mut asked: mpsc::Receiver<Question>) {
        let mut questions = Vec::new();
        while asked.recv_many(&mut questions, MOST).await > 0 {
            let silent = self.silent_until.is_some_and(|until| until > Instant::now());
            let answers = if silent { None } else { self.ask(&questions).await };
            let mut answers = answers.map(|Claimed { claims, spooled }| (claims.into_iter(), spooled));
            for Question { ids, answer } in questions.drain(..) {
                let own = answers.as_mut().map(|(claims, spooled)| Claimed {
                    claims: claims.by_ref().take(ids.len()).collect(),
                    spooled: spooled.clone(),
                });
                // Whose call was broken off does not wait for it.
                drop(answer.send(own));
            }
        }
    }

    async fn ask(&mut self, questions: &[Question]) -> Option<Claimed> {
        let ids: Vec<_> = questions.iter().flat_map(|question| &question.ids).copied().collect();
        let reason = match tokio::time::timeout(PATIENCE, self.store.claim(&ids, self.process, self.lapse)).await {
            Ok(Ok(claimed)) => {
                self.late = 0;
                if self.silent_until.take().is_some() {
                    info!("redeliveries are recognized again");
                }
                return Some(claimed);
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => {
                self.late += 1;
                if self.late < LATE && self.silent_until.is_none() {
                    return None;
                }
                "no answer in time, again and again".into()
            }
        };
        self.late = 0;
        if self.silent_until.replace(Instant::now() + PAUSE).is_none() {
            warn!(reason, "redeliveries cannot be recognized for the moment: events are published unchecked");
        }
        None
    }
}
