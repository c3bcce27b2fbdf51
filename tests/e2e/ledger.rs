//! Who sent what, what was answered, and whether it came out.

use std::{
    collections::{BTreeMap, HashSet},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use kenh_proto::v1::ListEventsRequest;
use kenh_tests::{
    gateway::Gateway,
    stream::{envelope, list, text},
    until,
    webhook::{Channel, messenger, messenger_text},
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// What was answered with 200, by conversation and in the order of the answers.
#[derive(Debug, Clone)]
pub(crate) struct Ledger {
    channel: Arc<Channel>,
    book: Arc<Mutex<Book>>,
}

#[derive(Debug, Default)]
struct Book {
    accepted: BTreeMap<u64, Vec<String>>,
    took: Vec<Duration>,
    refused: usize,
}

impl Ledger {
    pub(crate) fn new() -> Self {
        Self { channel: Arc::new(messenger()), book: Arc::default() }
    }

    /// Posts one numbered event of a conversation; the status.
    pub(crate) async fn post(&self, url: &str, person: u64, number: usize, padding: &str) -> u16 {
        let text = format!("{person}/{number}");
        let body = messenger_text(person, &format!("m_{person}_{number}"), &format!("{text} {padding}"));
        let begun = Instant::now();
        let status = self.channel.post_to(url, &body).await.map_or(0, |status| status.as_u16());
        let mut book = self.book.lock().unwrap();
        if status == 200 {
            book.took.push(begun.elapsed());
            book.accepted.entry(person).or_default().push(text);
        } else {
            book.refused += 1;
        }
        status
    }

    /// Several people write, each one event after the other, until told to stop.
    pub(crate) fn talk(&self, url: &str, people: u64, stop: &CancellationToken) -> JoinSet<()> {
        let mut talking = JoinSet::new();
        for person in 0..people {
            let (ledger, url, stop) = (self.clone(), url.to_owned(), stop.clone());
            talking.spawn(async move {
                let mut number = 0;
                while !stop.is_cancelled() {
                    if ledger.post(&url, 660_000 + person, number, "").await == 200 {
                        number += 1;
                    }
                    tokio::time::sleep(Duration::from_millis(40)).await;
                }
            });
        }
        talking
    }

    /// How many events were answered with 200.
    pub(crate) fn accepted(&self) -> usize {
        self.book.lock().unwrap().accepted.values().map(Vec::len).sum()
    }

    /// How many were not.
    pub(crate) fn refused(&self) -> usize {
        self.book.lock().unwrap().refused
    }

    /// Median and longest time to a 200 since the last time this was asked.
    pub(crate) fn latency(&self) -> (Duration, Duration) {
        let mut took = std::mem::take(&mut self.book.lock().unwrap().took);
        took.sort();
        (took.get(took.len() / 2).copied().unwrap_or_default(), took.last().copied().unwrap_or_default())
    }

    /// Waits until everything that was accepted can be read, and checks the order of each conversation by the first
    /// occurrence of each event. How many came twice.
    pub(crate) async fn settle(&self, gateway: &Gateway) -> usize {
        until("everything accepted has arrived", || async { self.missing(&self.read(gateway).await).is_empty() }).await;
        let read = self.read(gateway).await;
        let mut ids = BTreeMap::new();
        let mut first: BTreeMap<u64, Vec<&str>> = BTreeMap::new();
        for (text, id) in &read {
            let same = ids.entry(text).or_insert(id);
            assert_eq!(*same, id, "{text} has two ids");
        }
        let mut seen = HashSet::new();
        for (text, _) in read.iter().filter(|(_, id)| seen.insert(id)) {
            let person = text.split('/').next().unwrap().parse().unwrap();
            first.entry(person).or_default().push(text);
        }
        for (person, accepted) in &self.book.lock().unwrap().accepted {
            // What was sent and not answered may be there too.
            let wanted: HashSet<_> = accepted.iter().map(String::as_str).collect();
            let arrived: Vec<_> = first[person].iter().copied().filter(|text| wanted.contains(text)).collect();
            assert_eq!(&arrived, accepted, "conversation {person}");
        }
        read.len() - seen.len()
    }

    /// Text and id of every event, in the order of the log.
    async fn read(&self, gateway: &Gateway) -> Vec<(String, String)> {
        let events = list(gateway, ListEventsRequest::default()).await;
        let label = |text: &str| text.split(' ').next().unwrap().to_owned();
        events.iter().map(|event| (label(text(event)), envelope(event).id.clone())).collect()
    }

    fn missing(&self, read: &[(String, String)]) -> Vec<String> {
        let there: HashSet<_> = read.iter().map(|(text, _)| text.as_str()).collect();
        let book = self.book.lock().unwrap();
        book.accepted.values().flatten().filter(|text| !there.contains(text.as_str())).cloned().collect()
    }
}
