//! The binds of a process, so that who sends finds the one that receives.
//!
//! A transceiver receives and sends: as long as this process has one, or is about to, what is sent goes through it. Otherwise
//! there is a transmitter, bound when something is sent, and unbound when nothing has been for a while.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use connector_sdk::{
    outbound::{Answer, Reply, ShortMessage},
    smsc::Smsc,
};
use kenh_runtime::seldom::Seldom;
use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout_at},
};
use tracing::{info, warn};

use crate::{Mode, OpenError, Session};

static NOT_BOUND: Seldom = Seldom::every(Duration::from_secs(60));

/// A transmitter is unbound when nothing was sent for so long.
const IDLE: Duration = Duration::from_secs(60);
/// A bind that was refused is not tried again before.
const REFUSED: Duration = Duration::from_secs(10);

/// Clones are the same ones.
#[derive(Clone, Default)]
pub struct Binds(Arc<Mutex<HashMap<String, Arc<Line>>>>);

/// Those of one endpoint.
struct Line {
    /// Transceivers of this process, by the number of their slot.
    shared: watch::Sender<BTreeMap<u32, Shared>>,
    own: tokio::sync::Mutex<Own>,
}

#[derive(Clone)]
enum Shared {
    /// It is being bound.
    Opening,
    Open(Session),
    /// The message centre refuses it.
    Refused(Bytes),
}

/// The transmitter.
#[derive(Default)]
struct Own {
    session: Option<Session>,
    refused: Option<(Instant, Bytes)>,
}

impl fmt::Debug for Binds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Binds")
    }
}

/// The place of a transceiver among the binds of its process, until it is dropped.
pub struct Slot {
    line: Arc<Line>,
    number: u32,
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Slot({})", self.number)
    }
}

impl Binds {
    fn line(&self, endpoint: &str) -> Arc<Line> {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Line { shared: watch::Sender::default(), own: tokio::sync::Mutex::default() });
        lines.entry(endpoint.to_owned()).or_insert_with(new).clone()
    }

    /// A transceiver of an endpoint is about to be bound.
    pub fn slot(&self, endpoint: &str, number: u32) -> Slot {
        let slot = Slot { line: self.line(endpoint), number };
        slot.opening();
        slot
    }

    /// Hands a message over, by whichever bind there is. `patience`: how long the bind and the place in its window may take
    /// together, and again the answer.
    pub async fn submit(&self, endpoint: &str, message: &ShortMessage, patience: Duration) -> Answer {
        let line = self.line(endpoint);
        let until = Instant::now() + patience;
        let session = match timeout_at(until, line.session(&message.smsc, endpoint)).await {
            Ok(Ok(session)) => session,
            Ok(Err(answer)) => return answer,
            Err(_) => return Answer::NotSent,
        };
        let left = until.saturating_duration_since(Instant::now());
        session.submit(&message.pdu, left.max(patience / 2)).await
    }

    /// Unbinds all transmitters.
    pub async fn close(&self) {
        let lines: Vec<_> = self.0.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        for line in lines {
            let session = line.own.lock().await.session.take();
            if let Some(session) = session {
                session.close().await;
            }
        }
    }
}

impl Line {
    async fn session(&self, smsc: &Smsc, endpoint: &str) -> Result<Session, Answer> {
        let mut shared = self.shared.subscribe();
        loop {
            {
                let all = shared.borrow_and_update();
                let open = all.values().find_map(|one| match one {
                    Shared::Open(session) if !session.is_over() => Some(session.clone()),
                    Shared::Open(_) | Shared::Opening | Shared::Refused(_) => None,
                });
                if let Some(session) = open {
                    return Ok(session);
                }
                let refused = all.values().find_map(|one| match one {
                    Shared::Refused(pdu) => Some(pdu.clone()),
                    Shared::Open(_) | Shared::Opening => None,
                });
                if let Some(pdu) = refused {
                    return Err(refusal(pdu));
                }
                if all.is_empty() {
                    break;
                }
            }
            if shared.changed().await.is_err() {
                return Err(Answer::NotSent);
            }
        }
        self.own(smsc, endpoint).await
    }

    /// The transmitter, bound if it is not.
    async fn own(&self, smsc: &Smsc, endpoint: &str) -> Result<Session, Answer> {
        let mut own = self.own.lock().await;
        if let Some(session) = own.session.as_ref().filter(|session| !session.is_over()) {
            return Ok(session.clone());
        }
        if let Some((at, pdu)) = &own.refused
            && at.elapsed() < REFUSED
        {
            return Err(refusal(pdu.clone()));
        }
        match Session::open(smsc, Mode::Transmitter).await {
            Ok((session, _nothing_comes)) => {
                info!(endpoint, smsc = smsc.address(), "bound to send short messages");
                *own = Own { session: Some(session.clone()), refused: None };
                tokio::spawn(unbind_when_idle(session.clone()));
                Ok(session)
            }
            Err(error) => {
                if let Some(unsaid) = NOT_BOUND.say() {
                    warn!(endpoint, smsc = smsc.address(), %error, unsaid, "short messages cannot be sent, it is tried again");
                }
                match error {
                    OpenError::Refused { pdu, .. } => {
                        own.refused = Some((Instant::now(), pdu.clone()));
                        Err(refusal(pdu))
                    }
                    OpenError::Unreachable(_) | OpenError::Broken(_) => Err(Answer::NotSent),
                }
            }
        }
    }
}

async fn unbind_when_idle(session: Session) {
    loop {
        let until = session.used() + IDLE;
        tokio::select! {
            _ = session.over() => return,
            () = sleep_until(until) => {}
        }
        if session.used() + IDLE <= Instant::now() {
            return session.close().await;
        }
    }
}

fn refusal(body: Bytes) -> Answer {
    let status = crate::frame::Header::of(&body).map_or(0, |header| header.status);
    Answer::Reply(Reply { status: u16::try_from(status).unwrap_or(u16::MAX), retry_after: None, body })
}

impl Slot {
    fn set(&self, state: Shared) {
        self.line.shared.send_modify(|all| {
            all.insert(self.number, state);
        });
    }

    /// It is being bound.
    pub fn opening(&self) {
        self.set(Shared::Opening);
    }

    /// It is bound.
    pub fn open(&self, session: Session) {
        self.set(Shared::Open(session));
    }

    /// The message centre refused it, with this answer.
    pub fn refused(&self, pdu: Bytes) {
        self.set(Shared::Refused(pdu));
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.line.shared.send_modify(|all| {
            all.remove(&self.number);
        });
    }
}
