//! One connection: a session on a socket, with deadlines.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use kenh_runtime::metrics;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf},
    net::TcpStream,
    sync::OwnedSemaphorePermit,
    time::{Instant, timeout, timeout_at},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tracing::debug;

use crate::{
    Peer, Session, Step, Tls, reply,
    server::Hall,
    session::{Closed, Dropped},
};

/// Bytes that one permit of the memory stands for.
pub(crate) const MEMORY_UNIT: usize = 64 << 10;
/// Bytes that are read at once.
const PIECE: usize = 16 << 10;
/// How long the first words of TLS may take.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Quit,
    TooManyErrors,
    /// The peer went away.
    Gone,
    TimedOut,
    TlsFailed,
    Stopping,
}

impl End {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Quit => "quit",
            Self::TooManyErrors => "too_many_errors",
            Self::Gone => "closed",
            Self::TimedOut => "timed_out",
            Self::TlsFailed => "tls_failed",
            Self::Stopping => "stopping",
        }
    }
}

/// A connection that a session is held on.
pub(crate) struct Connection {
    /// Gone for the moment in which it becomes an encrypted one.
    wire: Option<Wire>,
    peer: Peer,
    session: Session,
    hall: Arc<Hall>,
    /// What is read into.
    piece: Vec<u8>,
    /// What is to be said with what comes next.
    unsaid: String,
    /// Memory that the mail coming in has.
    memory: Option<OwnedSemaphorePermit>,
    /// When the text of the mail coming in has to be there.
    text_until: Option<Instant>,
}

impl Connection {
    pub(crate) fn new(stream: TcpStream, peer: Peer, tls: Tls, hall: Arc<Hall>) -> Self {
        let session = Session::new(peer.protocol, &hall.policy.hostname, hall.policy.bounds, tls);
        let wire = Some(Wire::Plain(stream));
        let piece = vec![0; PIECE];
        Self { wire, peer, session, hall, piece, unsaid: String::new(), memory: None, text_until: None }
    }

    /// Holds the session to its end.
    pub(crate) async fn run(mut self) -> End {
        let end = match self.converse().await {
            Ok(end) | Err(end) => end,
        };
        if self.session.is_busy() {
            self.count("broken");
        }
        let farewell = match end {
            End::TimedOut => Some(reply::TOO_SLOW),
            End::Stopping => Some(reply::STOPPING),
            End::Quit | End::TooManyErrors | End::Gone | End::TlsFailed => None,
        };
        if let Some(text) = farewell {
            self.unsaid.push_str(text);
            self.unsaid.push_str("\r\n");
        }
        if self.flush().await.is_err() {
            return end;
        }
        if let Some(wire) = &mut self.wire {
            drop(timeout(HANDSHAKE, wire.shutdown()).await);
        }
        debug!(peer = %self.peer.address, protocol = self.peer.protocol.word(), end = end.word(), "a mail session is over");
        end
    }

    async fn converse(&mut self) -> Result<End, End> {
        let hall = self.hall.clone();
        loop {
            match self.session.step(|recipient| hall.desk.takes(recipient)) {
                Step::Read => self.read().await?,
                Step::Say(text) => self.unsaid.push_str(&text),
                Step::Refuse(text, why) => {
                    self.unsaid.push_str(&text);
                    metrics::MAIL_REFUSED.add(1, [("protocol", self.peer.protocol.word()), ("reason", why.word())]);
                }
                Step::StartTls(text) => {
                    self.unsaid.push_str(&text);
                    self.flush().await?;
                    self.encrypt().await?;
                }
                Step::Mail(mail) => {
                    // Nobody's answer, but what stands before the text's end may be waited for.
                    self.flush().await?;
                    let verdicts = hall.desk.judge(self.peer, *mail).await;
                    self.session.judged(&verdicts);
                    self.forget();
                }
                Step::Drop(text, why) => {
                    self.unsaid.push_str(&text);
                    self.count(match why {
                        Dropped::TooLarge => "too_large",
                        Dropped::Misshapen => "misshapen",
                        Dropped::NoRoom => "not_stored",
                    });
                    self.forget();
                }
                Step::Close(text, why) => {
                    self.unsaid.push_str(&text);
                    return Ok(match why {
                        Closed::Quit => End::Quit,
                        Closed::TooManyErrors => End::TooManyErrors,
                    });
                }
            }
        }
    }

    /// Says what is to be said, then waits for the peer.
    async fn read(&mut self) -> Result<(), End> {
        self.flush().await?;
        self.make_room();
        let (silence, is_busy) = (self.hall.policy.silence, self.session.is_busy());
        let mut until = Instant::now() + silence;
        if is_busy {
            let text_until = *self.text_until.get_or_insert_with(|| Instant::now() + self.hall.policy.text);
            until = until.min(text_until);
        }
        let Some(wire) = &mut self.wire else { return Err(End::Gone) };
        let read = tokio::select! {
            biased;
            () = self.hall.stop.cancelled(), if !is_busy => return Err(End::Stopping),
            read = timeout_at(until, wire.read(&mut self.piece)) => read,
        };
        match read {
            Err(_) => Err(End::TimedOut),
            Ok(Ok(0) | Err(_)) => Err(End::Gone),
            Ok(Ok(bytes)) => {
                self.session.take(self.piece.get(..bytes).unwrap_or_default());
                Ok(())
            }
        }
    }

    /// Sees to it that what is held of the mail coming in is counted; without room it is not held any more.
    fn make_room(&mut self) {
        let units = self.session.held().div_ceil(MEMORY_UNIT);
        let has = self.memory.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let Some(more) = units.checked_sub(has).filter(|more| *more > 0) else { return };
        let more = u32::try_from(more).unwrap_or(u32::MAX);
        match (self.hall.memory.clone().try_acquire_many_owned(more), &mut self.memory) {
            (Ok(more), Some(memory)) => memory.merge(more),
            (Ok(more), None) => self.memory = Some(more),
            (Err(_), _) => {
                self.session.forgo();
                self.memory = None;
            }
        }
    }

    fn forget(&mut self) {
        (self.memory, self.text_until) = (None, None);
    }

    async fn encrypt(&mut self) -> Result<(), End> {
        let (Some(Wire::Plain(stream)), Some(certificate)) = (self.wire.take(), &self.hall.certificate) else {
            return Err(End::TlsFailed);
        };
        let acceptor = TlsAcceptor::from(certificate.current());
        match timeout(HANDSHAKE, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => {
                self.wire = Some(Wire::Encrypted(Box::new(stream)));
                self.session.encrypted();
                Ok(())
            }
            Ok(Err(reason)) => {
                debug!(peer = %self.peer.address, %reason, "a TLS handshake failed");
                Err(End::TlsFailed)
            }
            Err(_) => Err(End::TlsFailed),
        }
    }

    async fn flush(&mut self) -> Result<(), End> {
        let (Some(wire), false) = (&mut self.wire, self.unsaid.is_empty()) else { return Ok(()) };
        let text = std::mem::take(&mut self.unsaid);
        let written = async {
            wire.write_all(text.as_bytes()).await?;
            wire.flush().await
        };
        match timeout(self.hall.policy.silence, written).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Gone),
            Err(_) => Err(End::TimedOut),
        }
    }

    fn count(&self, outcome: &'static str) {
        metrics::MAILS.add(1, [("protocol", self.peer.protocol.word()), ("outcome", outcome)]);
    }
}

/// A connection, encrypted or not.
enum Wire {
    Plain(TcpStream),
    Encrypted(Box<TlsStream<TcpStream>>),
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Encrypted(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match &mut *self {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Self::Encrypted(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Encrypted(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Encrypted(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
