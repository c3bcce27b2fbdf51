//! A subscriber as a CRM has one: a stream that is open all the time, and opened again behind its last cursor.

use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use kenh_proto::v1::subscribe_response::Response;
use kenh_tests::stream::{Stream, after, earliest};
use tokio::task::JoinHandle;

use crate::audit::Audit;

/// What a client waits before it comes back, where the server does not name a time.
const PAUSE: Duration = Duration::from_millis(200);

#[derive(Debug)]
pub(crate) struct Subscriber {
    seen: Arc<Mutex<Seen>>,
    reading: JoinHandle<()>,
}

/// What it has seen.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) audit: Audit,
    /// Streams that broke, or that never were.
    pub(crate) broken: usize,
    /// Streams that the server closed as it should.
    pub(crate) drained: usize,
    /// When the gateway took the last event in, by its own clock, in seconds since 1970.
    pub(crate) received_at: i64,
}

impl Subscriber {
    /// Subscribes from the oldest event on, at an address.
    pub(crate) fn start(url: String) -> Self {
        let seen = Arc::new(Mutex::new(Seen::default()));
        let reading = tokio::spawn(read(url, seen.clone()));
        Self { seen, reading }
    }

    /// What it has seen so far.
    pub(crate) fn seen(&self) -> MutexGuard<'_, Seen> {
        assert!(!self.reading.is_finished(), "the subscriber has given up");
        self.seen.lock().unwrap()
    }
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        self.reading.abort();
    }
}

async fn read(url: String, seen: Arc<Mutex<Seen>>) {
    let mut cursor: Option<String> = None;
    loop {
        let open = cursor.as_deref().map_or_else(earliest, after);
        let pause = match Stream::try_open_at(&url, open).await {
            Ok(stream) => to_its_end(stream, &seen, &mut cursor).await,
            Err(_) => None,
        };
        let asked = pause.is_some();
        {
            let mut seen = seen.lock().unwrap();
            (seen.drained, seen.broken) = (seen.drained + usize::from(asked), seen.broken + usize::from(!asked));
        }
        tokio::time::sleep(pause.unwrap_or(PAUSE)).await;
    }
}

/// Reads a stream. How long the server asks to stay away, where it ended as it should.
async fn to_its_end(mut stream: Stream, seen: &Mutex<Seen>, cursor: &mut Option<String>) -> Option<Duration> {
    cursor.get_or_insert_with(|| stream.opened_at.clone());
    let mut drain = None;
    loop {
        match stream.response().await {
            Ok(Some(Response::Batch(batch))) => {
                let mut seen = seen.lock().unwrap();
                for delivery in &batch.deliveries {
                    seen.audit.take(delivery);
                    let at = delivery.envelope.as_ref().and_then(|envelope| envelope.received_at);
                    seen.received_at = at.map_or(0, |at| at.seconds);
                }
                if let Some(last) = batch.deliveries.last() {
                    *cursor = Some(last.cursor.clone());
                }
            }
            Ok(Some(Response::Drain(asked))) => {
                drain = Some(asked.reconnect_after.and_then(|pause| pause.try_into().ok()).unwrap_or(PAUSE));
            }
            // Clients may come back behind what a heartbeat says, too.
            Ok(Some(Response::Heartbeat(heartbeat))) => *cursor = Some(heartbeat.cursor),
            Ok(Some(Response::Opened(_) | Response::AckResult(_))) => {}
            Ok(None) => return drain,
            Err(_) => return None,
        }
    }
}
