//! One bind, from its first word to its last.

mod reader;
mod requests;
mod writer;

use std::{
    fmt,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use connector_sdk::{
    outbound::{Answer, Reply},
    smsc::{Security, Smsc},
};
use futures_util::StreamExt as _;
use rustls_pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
    sync::mpsc,
    time::{Instant, timeout},
};
use tokio_util::{codec::FramedRead, sync::CancellationToken};

use self::{
    requests::{Lost, Requests},
    writer::Out,
};
use crate::{
    frame::{self, Header, operation},
    status,
    window::Window,
};

/// PDUs that wait to be stored; a message centre that sends more is told to send them later.
const WAITING: usize = 64;
/// Nobody waits for a farewell.
const FAREWELL: Duration = Duration::from_secs(1);

/// What a bind is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Both ways.
    Transceiver,
    /// What comes.
    Receiver,
    /// What goes.
    Transmitter,
}

/// Why there is no session. What the other side says is not repeated, but for its status.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// No connection.
    #[error("it cannot be reached: {0}")]
    Unreachable(String),
    /// The bind was refused.
    #[error("it refuses the bind with status {status:#010x}: {}", advice(*.status))]
    Refused {
        /// Its status.
        status: u32,
        /// Its answer.
        pdu: Bytes,
    },
    /// It does not answer as it should.
    #[error("it does not answer the bind: {0}")]
    Broken(&'static str),
}

/// What to do about a refused bind.
fn advice(status: u32) -> &'static str {
    match status {
        0x05 => "somebody is bound there already; look for another gateway with this system_id, or ask for more binds",
        0x0d => "check user, password, system_type, the kind of bind, and from which address it takes you",
        0x0e => "check the password",
        0x0f => "check user, which is the system_id",
        0x53 => "check system_type",
        0x14 | 0x58 | 0x64 | 0x08 => "it is busy; it is tried again",
        _ => "ask whoever runs it",
    }
}

/// Why a session is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Gone {
    /// We closed it.
    #[error("it was closed")]
    Closed,
    /// The other side unbound.
    #[error("the message centre has unbound")]
    Unbound,
    /// The connection was cut.
    #[error("the connection was cut")]
    Cut,
    /// The other side did not answer when asked whether it is there.
    #[error("the message centre does not answer enquire_link")]
    Silent,
    /// The other side sends what is no PDU, or reads nothing.
    #[error("the message centre does not keep to the protocol")]
    Broken,
}

/// A session. Clones are the same one.
#[derive(Clone)]
pub struct Session(Arc<Shared>);

struct Shared {
    mode: Mode,
    out: mpsc::Sender<Out>,
    requests: Requests,
    next: AtomicU32,
    window: Window,
    response_timeout: Duration,
    used: Mutex<Instant>,
    over: CancellationToken,
    why: OnceLock<Gone>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Session({:?})", self.0.mode)
    }
}

/// A connection, protected or not.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

impl Session {
    /// Binds. What is delivered comes out of the channel, in its order and whole; each is to be answered.
    pub async fn open(smsc: &Smsc, mode: Mode) -> Result<(Self, mpsc::Receiver<Bytes>), OpenError> {
        let patience = smsc.response_timeout;
        let late = |_| OpenError::Unreachable("it does not answer in time".into());
        let stream = timeout(patience, connect(smsc)).await.map_err(late)??;
        let (read, mut write) = tokio::io::split(stream);
        let mut read = FramedRead::new(read, frame::codec());
        let bind = frame::bind(smsc, mode, 1).ok_or(OpenError::Broken("a setting is too long for the protocol"))?;
        write.write_all(&bind).await.map_err(|_| OpenError::Broken("the connection was cut"))?;
        write.flush().await.map_err(|_| OpenError::Broken("the connection was cut"))?;
        let answer = async {
            loop {
                let pdu = match read.next().await {
                    Some(Ok(pdu)) => pdu.freeze(),
                    Some(Err(_)) => return Err(OpenError::Broken("what it says is no PDU")),
                    None => return Err(OpenError::Broken("the connection was cut")),
                };
                match Header::of(&pdu) {
                    None => return Err(OpenError::Broken("what it says is no PDU")),
                    Some(header) if header.is_response() => return Ok((header, pdu)),
                    // Some ask first whether we are there.
                    Some(_) => {}
                }
            }
        };
        let (header, pdu) = timeout(patience, answer).await.map_err(|_| OpenError::Broken("not in time"))??;
        if header.status != status::OK {
            return Err(OpenError::Refused { status: header.status, pdu });
        }
        if header.operation == operation::GENERIC_NACK {
            return Err(OpenError::Broken("it does not know the bind"));
        }
        let (out, queue) = mpsc::channel(writer::QUEUE);
        let (deliver, delivered) = mpsc::channel(WAITING);
        let session = Self(Arc::new(Shared {
            mode,
            out,
            requests: Requests::default(),
            next: AtomicU32::new(2),
            window: Window::new(smsc.window),
            response_timeout: smsc.response_timeout,
            used: Mutex::new(Instant::now()),
            over: CancellationToken::new(),
            why: OnceLock::new(),
        }));
        tokio::spawn(writer::write(session.clone(), write, queue));
        tokio::spawn(reader::read(session.clone(), read, deliver, smsc.enquire_every));
        Ok((session, delivered))
    }

    /// Hands a `submit_sm` over. `patience`: how long it may wait for its place, and again for its answer, which is not waited for
    /// longer than the session does. What has no place in time is answered here, as the message centre would: it is too fast.
    pub async fn submit(&self, pdu: &[u8], patience: Duration) -> Answer {
        let shared = &*self.0;
        *shared.used.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        let entered = tokio::select! {
            () = shared.over.cancelled() => return Answer::NotSent,
            entered = timeout(patience, shared.window.enter()) => entered,
        };
        let Ok(_place) = entered else {
            let header = Header { operation: operation::SUBMIT_SM, status: 0, sequence: 0 };
            return reply(&header.response(status::THROTTLED, false), Some(shared.window.rest()));
        };
        let sequence = self.sequence();
        let answer = shared.requests.begin(sequence);
        // Who ends the session says so first, and then looks for requests: one of both sees the other.
        let sent = !shared.over.is_cancelled()
            && shared.out.try_send(Out::Request { sequence, pdu: frame::numbered(pdu, sequence) }).is_ok();
        if !sent {
            shared.requests.give_up(sequence);
            return Answer::NotSent;
        }
        let answer = match timeout(patience.min(shared.response_timeout), answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(Lost::NoReply),
            Err(_) => Err(shared.requests.give_up(sequence)),
        };
        match answer {
            Err(Lost::NotSent) => Answer::NotSent,
            Err(Lost::NoReply) => Answer::NoReply,
            Ok(pdu) => {
                let told_off = Header::of(&pdu)
                    .is_some_and(|header| matches!(header.status, status::THROTTLED | status::QUEUE_FULL));
                let pause = told_off.then(|| shared.window.throttled());
                if !told_off {
                    shared.window.taken();
                }
                reply(&pdu, pause)
            }
        }
    }

    /// Answers something that was delivered.
    pub fn answer(&self, pdu: &[u8], status: u32) {
        if let Some(header) = Header::of(pdu) {
            self.say(header.response(status, true));
        }
    }

    /// Unbinds, and waits a moment for the other side to do the same.
    pub async fn close(&self) {
        let sequence = self.sequence();
        self.say(frame::bare(Header { operation: operation::UNBIND, status: 0, sequence }, false));
        drop(timeout(FAREWELL, self.0.over.cancelled()).await);
        self.end(Gone::Closed);
    }

    /// Why it is over, once it is.
    pub async fn over(&self) -> Gone {
        self.0.over.cancelled().await;
        self.0.why.get().copied().unwrap_or(Gone::Cut)
    }

    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        self.0.over.is_cancelled()
    }

    /// When it was last asked to send something.
    pub(crate) fn used(&self) -> Instant {
        *self.0.used.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The other side leaves. It has a moment to read our answer to that, and to give its own to what is under way.
    fn unbound(&self) {
        self.0.why.get_or_init(|| Gone::Unbound);
        let session = self.clone();
        tokio::spawn(async move {
            drop(timeout(FAREWELL, session.0.over.cancelled()).await);
            session.end(Gone::Unbound);
        });
    }

    /// Ends it. What had no answer has none.
    fn end(&self, why: Gone) {
        // Only the first reason counts.
        self.0.why.get_or_init(|| why);
        self.0.over.cancel();
        self.0.requests.lose_all();
    }

    /// Says something that has no answer, or one nobody waits for. A queue that is full is one nobody reads.
    fn say(&self, pdu: Bytes) {
        if self.0.out.try_send(Out::Plain(pdu)).is_err() {
            self.end(Gone::Broken);
        }
    }

    /// From 1 to `0x7FFFFFFF`, and again.
    fn sequence(&self) -> u32 {
        self.0.next.fetch_add(1, Ordering::Relaxed) % 0x7fff_ffff + 1
    }
}

fn reply(pdu: &Bytes, retry_after: Option<Duration>) -> Answer {
    let status = Header::of(pdu).map_or(0, |header| header.status);
    Answer::Reply(Reply { status: u16::try_from(status).unwrap_or(u16::MAX), retry_after, body: pdu.clone() })
}

async fn connect(smsc: &Smsc) -> Result<Box<dyn Stream>, OpenError> {
    let unreachable = |error: std::io::Error| OpenError::Unreachable(error.to_string());
    let stream = TcpStream::connect((smsc.host.as_str(), smsc.port)).await.map_err(unreachable)?;
    stream.set_nodelay(true).map_err(unreachable)?;
    let Security::Tls { ca_file } = smsc.security.clone() else { return Ok(Box::new(stream)) };
    // Read anew for each session, as authorities are replaced; and not on a thread that others wait for.
    let connector = tokio::task::spawn_blocking(move || kenh_tls::connector(ca_file.as_deref())).await;
    let connector = connector.map_err(|_| OpenError::Unreachable("TLS cannot be prepared".into()))?;
    let connector = connector.map_err(|error| OpenError::Unreachable(error.to_string()))?;
    let name = ServerName::try_from(smsc.host.clone());
    let name = name.map_err(|_| OpenError::Unreachable("host is no name and no address".into()))?;
    Ok(Box::new(connector.connect(name, stream).await.map_err(unreachable)?))
}
