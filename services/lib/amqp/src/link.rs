//! A connection that comes back, to any of several addresses.

use std::{
    ptr,
    sync::{Arc, Weak},
    time::Duration,
};

use connector_sdk::{ExposeSecret as _, Secret};
use futures_util::{FutureExt as _, StreamExt as _};
use kenh_runtime::{health::Latch, metrics};
use lapin::{Channel, Connection, ConnectionProperties, Event, uri::AMQPUri};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::{Config, topology};

/// For one address.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// Short: what was spooled while the broker was away is to leave within two seconds of its return.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
/// Seconds; a broker that is gone without a word is noticed after two of them.
const HEARTBEAT: u16 = 5;
/// Bytes; a larger event takes several. The client keeps 64 frames of memory for each connection: 8 MiB with the broker's own 128 KiB.
const FRAME: u32 = 32 << 10;

/// A handle to the connection there is now, if there is one.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    live: watch::Receiver<Option<Arc<Live>>>,
    broken: Arc<Notify>,
}

/// An open connection, with the channels its purpose needs.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) connection: Connection,
    /// To publish on, one for each partition.
    pub(crate) channels: Vec<Channel>,
}

/// What a connection is for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    /// Publishing, on channels with confirms, over a topology that is there.
    Publish,
    /// Reading; readers open channels of their own.
    Read,
}

impl Purpose {
    const fn word(self) -> &'static str {
        match self {
            Self::Publish => "publish",
            Self::Read => "read",
        }
    }
}

impl Link {
    /// Connects in the background, and again whenever the connection is lost, until told to stop.
    pub(crate) fn start(purpose: Purpose, config: Arc<Config>, latch: Latch, stop: CancellationToken) -> Self {
        let (sender, live) = watch::channel(None);
        let broken = Arc::new(Notify::new());
        let keeper = Keeper { purpose, config, latch, sender, broken: broken.clone() };
        tokio::spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = keeper.keep() => {}
            }
            if let Some(live) = keeper.sender.send_replace(None) {
                // The process goes away; a broker that does not answer any more loses nothing by it.
                drop(live.connection.close(200, "shutting down".into()).await);
            }
        });
        Self { live, broken }
    }

    /// The connection there is now.
    pub(crate) fn live(&self) -> Option<Arc<Live>> {
        self.live.borrow().clone()
    }

    /// Tells whenever [`live`](Self::live) is another.
    pub(crate) fn changes(&self) -> watch::Receiver<Option<Arc<Live>>> {
        self.live.clone()
    }

    /// Does something over a connection for as long as it is the one there is; `None` once it is not. The client does not always say so:
    /// a reader once waited for ever on a connection whose loss all the others had been told of.
    pub(crate) async fn while_up<T>(&self, live: &Weak<Live>, work: impl Future<Output = T>) -> Option<T> {
        let mut changes = self.live.clone();
        let is_lost =
            |now: &Option<Arc<Live>>| now.as_ref().is_none_or(|now| !ptr::eq(Arc::as_ptr(now), live.as_ptr()));
        tokio::select! {
            biased;
            done = work => Some(done),
            _ = changes.wait_for(is_lost) => None,
        }
    }

    /// Has a connection made anew: its channel does not work any more. The first of many to say so is enough.
    pub(crate) fn renew(&self, failed: &Arc<Live>) {
        if self.live.borrow().as_ref().is_some_and(|live| Arc::ptr_eq(live, failed)) {
            self.broken.notify_one();
        }
    }
}

struct Keeper {
    purpose: Purpose,
    config: Arc<Config>,
    latch: Latch,
    sender: watch::Sender<Option<Arc<Live>>>,
    broken: Arc<Notify>,
}

impl Keeper {
    async fn keep(&self) {
        let (mut pause, mut last) = (FIRST_PAUSE, None);
        let purpose = self.purpose.word();
        // Anywhere in the list, so that replicas do not all go to its first.
        let mut next = fastrand::usize(0..self.config.urls.len().max(1));
        loop {
            let reason = match self.connect_to_any(next).await {
                Ok((live, index)) => {
                    (pause, last) = (FIRST_PAUSE, None);
                    info!(purpose, "connected to the broker");
                    let reason = self.until_lost(live).await;
                    next = index + 1;
                    reason
                }
                Err(reason) => reason,
            };
            self.sender.send_replace(None);
            self.latch.arm(&reason);
            metrics::BROKER_CONNECTED.set(0.0, [("purpose", purpose)]);
            metrics::BROKER_DISCONNECTS.add(1, [("purpose", purpose)]);
            // Once for each reason: an outage of an hour is not a thousand lines.
            if last.as_ref() != Some(&reason) {
                warn!(purpose, %reason, "no connection to the broker, trying again");
                last = Some(reason);
            }
            // Spread out, so that replicas do not come back all at once.
            tokio::time::sleep(pause.mul_f64(0.75 + fastrand::f64() / 2.0)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Tries each address once, beginning with one of them. Says which one answered.
    async fn connect_to_any(&self, first: usize) -> Result<(Arc<Live>, usize), String> {
        let urls = &self.config.urls;
        let mut reasons = Vec::with_capacity(urls.len());
        for (index, url) in urls.iter().enumerate().cycle().skip(first % urls.len().max(1)).take(urls.len()) {
            match self.connect(url).await {
                Ok(live) => return Ok((live, index)),
                Err(reason) if urls.len() == 1 => return Err(reason),
                // In the order of the list, wherever this round began: the same outage reads the same.
                Err(reason) => reasons.push((index, reason)),
            }
        }
        reasons.sort_unstable();
        let reasons: Vec<_> = reasons.iter().map(|(index, reason)| format!("{}: {reason}", index + 1)).collect();
        Err(format!("none of {} addresses: {}", urls.len(), reasons.join("; ")))
    }

    async fn connect(&self, url: &Secret) -> Result<Arc<Live>, String> {
        let mut uri: AMQPUri = url.expose_secret().parse().map_err(|_| "the address is not valid")?;
        uri.query.heartbeat.get_or_insert(HEARTBEAT);
        uri.query.frame_max.get_or_insert(FRAME);
        let name = format!("kenh {}", self.purpose.word());
        let properties = ConnectionProperties::default().with_connection_name(name.into());
        let opening = async {
            let connection = Connection::connect_uri(uri, properties).await.map_err(|error| error.to_string())?;
            let channels = match self.purpose {
                Purpose::Publish => topology::publishing_channels(&connection, &self.config).await?,
                Purpose::Read => Vec::new(),
            };
            Ok(Arc::new(Live { connection, channels }))
        };
        tokio::time::timeout(CONNECT_TIMEOUT, opening).await.unwrap_or_else(|_| Err("no answer in time".into()))
    }

    /// Offers the connection until it is lost; says why it was.
    async fn until_lost(&self, live: Arc<Live>) -> String {
        let mut events = Box::pin(live.connection.events_listener());
        // What was said of the one before is no word about this one.
        let _: Option<()> = self.broken.notified().now_or_never();
        self.sender.send_replace(Some(live.clone()));
        self.latch.release();
        metrics::BROKER_CONNECTED.set(1.0, [("purpose", self.purpose.word())]);
        loop {
            let event = tokio::select! {
                event = events.next() => event,
                () = self.broken.notified() => return "the channel was closed".into(),
            };
            match event {
                Some(Event::ConnectionBlocked(reason)) => {
                    warn!(%reason, "the broker blocks publishers");
                    self.latch.arm("the broker blocks publishers (memory or disk alarm)");
                }
                Some(Event::ConnectionUnblocked) => {
                    info!("the broker takes messages again");
                    self.latch.release();
                }
                // A channel's error is its user's; only what ends the connection counts here.
                Some(_) if live.connection.status().connected() => {}
                Some(Event::Error(error)) => return error.to_string(),
                Some(_) | None => return "the connection was closed".into(),
            }
        }
    }
}
