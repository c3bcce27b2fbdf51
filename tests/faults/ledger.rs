//! Who wrote what, and what was answered.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use kenh_tests::{
    leaks::MARK,
    webhook::{Channel, messenger, messenger_batch, messenger_item},
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// A channel does not wait longer for an answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// How much is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    /// Writers. Each waits for the answer before it writes again.
    pub(crate) writers: u64,
    /// Conversations of a writer, with an event of each in one delivery.
    pub(crate) conversations: u64,
    /// A writer's pause between deliveries.
    pub(crate) pause: Duration,
    /// Bytes that each event is longer by.
    pub(crate) padding: usize,
}

impl Load {
    /// Ten people who write briskly. Faster, several tests at once keep two processors busy, and wait for each other.
    pub(crate) const USUAL: Self = Self { writers: 10, conversations: 1, pause: Duration::from_millis(80), padding: 0 };
    /// The same at length, so that what is bounded in bytes is soon full.
    pub(crate) const LONG: Self = Self { pause: Duration::from_millis(40), padding: 3000, ..Self::USUAL };
}

/// The numbers of every conversation begin at 0, and the next one is written once the one before was answered with
/// 200: what comes out has to be 0, 1, 2, and so on.
#[derive(Debug, Clone)]
pub(crate) struct Ledger {
    channel: Arc<Channel>,
    book: Arc<Mutex<Book>>,
}

#[derive(Debug, Default)]
struct Book {
    /// How many numbers of a conversation were answered with 200.
    accepted: BTreeMap<u64, usize>,
    took: Vec<Duration>,
    refused: usize,
    unanswered: usize,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// 0 when there was none.
    pub(crate) status: u16,
    pub(crate) retry_after: Option<String>,
}

impl Ledger {
    pub(crate) fn new() -> Self {
        Self { channel: Arc::new(messenger()), book: Arc::default() }
    }

    /// Posts one delivery with the same number of several conversations.
    pub(crate) async fn post(
        &self,
        url: &str,
        conversations: std::ops::Range<u64>,
        number: usize,
        padding: &str,
    ) -> Answer {
        let item = |person: u64| {
            messenger_item(person, &format!("m_{person}_{number}"), &format!("{person}/{number} {MARK} {padding}"))
        };
        let body = messenger_batch(&conversations.clone().map(item).collect::<Vec<_>>());
        let begun = Instant::now();
        let answer = tokio::time::timeout(PATIENCE, self.channel.call(url, &body)).await;
        let answer = match answer {
            Ok(Ok(answer)) => Some(answer),
            Ok(Err(error)) => {
                println!("no answer: {error:?}");
                None
            }
            Err(_) => None,
        };
        let status = answer.as_ref().map_or(0, |answer| answer.status().as_u16());
        let retry_after =
            answer.and_then(|answer| Some(answer.headers().get("retry-after")?.to_str().ok()?.to_owned()));
        let mut book = self.book.lock().unwrap();
        match status {
            200 => {
                book.took.push(begun.elapsed());
                for person in conversations {
                    let accepted = book.accepted.entry(person).or_default();
                    *accepted = (*accepted).max(number + 1);
                }
            }
            0 => book.unanswered += 1,
            503 => book.refused += 1,
            other => panic!("an answer of {other}"),
        }
        drop(book);
        Answer { status, retry_after }
    }

    /// Everybody writes until told to stop, to one address or another.
    pub(crate) fn talk(&self, urls: &[String], load: Load, stop: &CancellationToken) -> JoinSet<()> {
        let mut talking = JoinSet::new();
        for writer in 0..load.writers {
            let (ledger, urls, stop) = (self.clone(), urls.to_vec(), stop.clone());
            let first = 660_000 + writer * load.conversations;
            let padding = "lời ".repeat(load.padding / 5);
            talking.spawn(async move {
                let mut number = 0;
                let mut turns = tokio::time::interval(load.pause);
                turns.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
                for url in urls.iter().cycle() {
                    turns.tick().await;
                    if stop.is_cancelled() {
                        return;
                    }
                    let answer = ledger.post(url, first..first + load.conversations, number, &padding).await;
                    number += usize::from(answer.status == 200);
                }
            });
        }
        talking
    }

    /// How many numbers of each conversation were answered with 200.
    pub(crate) fn conversations(&self) -> BTreeMap<u64, usize> {
        self.book.lock().unwrap().accepted.clone()
    }

    /// How many events were answered with 200.
    pub(crate) fn accepted(&self) -> usize {
        self.book.lock().unwrap().accepted.values().sum()
    }

    /// How many calls were answered with 503.
    pub(crate) fn refused(&self) -> usize {
        self.book.lock().unwrap().refused
    }

    /// How many calls got no answer.
    pub(crate) fn unanswered(&self) -> usize {
        self.book.lock().unwrap().unanswered
    }

    /// Median and longest time to a 200 since the last time this was asked.
    pub(crate) fn latency(&self) -> (Duration, Duration) {
        let mut took = std::mem::take(&mut self.book.lock().unwrap().took);
        took.sort();
        (took.get(took.len() / 2).copied().unwrap_or_default(), took.last().copied().unwrap_or_default())
    }
}
