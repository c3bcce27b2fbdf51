//! Connections of mail servers: who may connect, how many, and the end of them all.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use ipnet::IpNet;
use kenh_runtime::metrics;
use kenh_tls::Watched;
use rustls::ServerConfig;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use crate::{
    Bounds, Mail, Protocol, Tls, Verdict,
    connection::{Connection, MEMORY_UNIT},
    reply,
};

/// Whose mail is taken, and what becomes of it.
#[async_trait]
pub trait Desk: Send + Sync + 'static {
    /// Whether somebody here is called that. Asked for each recipient, so it answers from memory.
    fn takes(&self, recipient: &str) -> bool;

    /// Deals with a mail: for each recipient, in their order, what became of it. Nothing is answered before.
    async fn judge(&self, peer: Peer, mail: Mail) -> Vec<Verdict>;
}

/// Who handed a mail over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// Where the connection came from.
    pub address: IpAddr,
    /// Which listener took it, in the order they were given.
    pub listener: usize,
    /// What is spoken.
    pub protocol: Protocol,
}

/// What holds for all connections.
#[derive(Debug, Clone)]
pub struct Policy {
    /// What the gateway calls itself.
    pub hostname: String,
    /// How much of everything in a session.
    pub bounds: Bounds,
    /// Connections at the same time.
    pub sessions: usize,
    /// Of them from one address; of IPv6 from one network of 64 bits.
    pub per_peer: usize,
    /// Bytes of mails that are coming in, all together.
    pub memory: usize,
    /// How long a peer may be silent.
    pub silence: Duration,
    /// How long the text of one mail may take.
    pub text: Duration,
    /// How long a mail that is coming in may take to come to its end when the gateway stops.
    pub farewell: Duration,
}

/// Where connections come in.
#[derive(Debug)]
pub struct Listener {
    /// The port.
    pub tcp: TcpListener,
    /// What is spoken there.
    pub protocol: Protocol,
    /// Who may connect; empty: anybody.
    pub from: Vec<IpNet>,
    /// Whether connections can be encrypted.
    pub tls: Tls,
}

/// What all connections share.
pub(crate) struct Hall {
    pub(crate) desk: Arc<dyn Desk>,
    pub(crate) policy: Policy,
    pub(crate) certificate: Option<Arc<Watched<ServerConfig>>>,
    pub(crate) stop: CancellationToken,
    /// In units of [`MEMORY_UNIT`].
    pub(crate) memory: Arc<Semaphore>,
    slots: Arc<Semaphore>,
    peers: Mutex<HashMap<IpAddr, usize>>,
}

/// Takes mail until told to stop; then lets mails that are coming in come to their end.
pub async fn serve(
    listeners: Vec<Listener>,
    desk: Arc<dyn Desk>,
    policy: Policy,
    certificate: Option<Arc<Watched<ServerConfig>>>,
    stop: CancellationToken,
) {
    let hall = Arc::new(Hall {
        desk,
        certificate,
        stop: stop.clone(),
        memory: Arc::new(Semaphore::new(policy.memory / MEMORY_UNIT)),
        slots: Arc::new(Semaphore::new(policy.sessions)),
        peers: Mutex::default(),
        policy,
    });
    let mut doors = JoinSet::new();
    for (number, listener) in listeners.into_iter().enumerate() {
        doors.spawn(listener.take(number, hall.clone()));
    }
    while doors.join_next().await.is_some() {}
}

impl Listener {
    async fn take(self, number: usize, hall: Arc<Hall>) {
        let mut sessions = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                () = hall.stop.cancelled() => break,
                Some(_) = sessions.join_next() => continue,
                accepted = self.tcp.accept() => accepted,
            };
            match accepted {
                Ok((stream, address)) => {
                    let address = address.ip().to_canonical();
                    if let Some(session) = self.admitted(number, stream, address, &hall).await {
                        sessions.spawn(session);
                    }
                }
                Err(reason) => {
                    // Out of file descriptors, mostly: trying again at once would only burn the processor.
                    warn!(%reason, "cannot accept a connection");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
        drop(self.tcp);
        let ended = async { while sessions.join_next().await.is_some() {} };
        if tokio::time::timeout(hall.policy.farewell, ended).await.is_err() {
            debug!(sessions = sessions.len(), "mails that were still coming in are cut");
            sessions.shutdown().await;
        }
    }

    /// A session, where there is room for one and the peer may have it.
    async fn admitted(
        &self,
        number: usize,
        stream: TcpStream,
        address: IpAddr,
        hall: &Arc<Hall>,
    ) -> Option<impl Future<Output = ()> + use<>> {
        let protocol = self.protocol;
        let ended = move |outcome| metrics::MAIL_SESSIONS.add(1, [("protocol", protocol.word()), ("outcome", outcome)]);
        if !self.from.is_empty() && !self.from.iter().any(|network| network.contains(&address)) {
            debug!(%address, listener = number, "a connection from a network that may not connect");
            turn_away(&stream, reply::FOREIGN).await;
            ended("foreign");
            return None;
        }
        let Some(place) = Place::take(hall, address) else {
            debug!(%address, listener = number, "too many connections");
            turn_away(&stream, reply::CROWDED).await;
            ended("busy");
            return None;
        };
        // Without it small answers wait for the peer's acknowledgement.
        drop(stream.set_nodelay(true));
        let peer = Peer { address, listener: number, protocol };
        let connection = Connection::new(stream, peer, self.tls, hall.clone());
        Some(async move {
            let open = metrics::MAIL_SESSIONS_OPEN.hold();
            let outcome = connection.run().await;
            ended(outcome.word());
            drop((open, place));
        })
    }
}

/// A connection that was just made can be written to at once.
async fn turn_away(stream: &TcpStream, text: &str) {
    const PATIENCE: Duration = Duration::from_millis(200);
    if tokio::time::timeout(PATIENCE, stream.writable()).await.is_ok() {
        drop(stream.try_write(format!("{text}\r\n").as_bytes()));
    }
}

/// A place among the connections.
struct Place {
    hall: Arc<Hall>,
    key: IpAddr,
    _slot: OwnedSemaphorePermit,
}

impl Place {
    fn take(hall: &Arc<Hall>, address: IpAddr) -> Option<Self> {
        let slot = hall.slots.clone().try_acquire_owned().ok()?;
        let key = key(address);
        let mut peers = hall.peers.lock().unwrap_or_else(PoisonError::into_inner);
        let open = peers.entry(key).or_default();
        if *open >= hall.policy.per_peer {
            return None;
        }
        *open += 1;
        drop(peers);
        Some(Self { hall: hall.clone(), key, _slot: slot })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut peers = self.hall.peers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = peers.get_mut(&self.key) {
            *open = open.saturating_sub(1);
            if *open == 0 {
                peers.remove(&self.key);
            }
        }
    }
}

/// Who has an address of IPv6 has its whole network of 64 bits.
fn key(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_64_bits_is_one_peer() {
        let of = |text: &str| key(text.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
