//! A network that fails: a TCP proxy before a peer.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinHandle,
    time::sleep,
};

/// What happens to what goes through.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Network {
    /// It arrives.
    Up,
    /// It arrives after a while, and so many bytes of it in a second, each way.
    Slow {
        /// How late.
        delay: Duration,
        /// Bytes a second.
        rate: u32,
    },
    /// Nothing moves and nobody is told. What waits goes on once the network is up again.
    Silent,
    /// Open connections are reset and new ones as well.
    Cut,
}

/// A proxy. Dropping it closes what goes through.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    state: watch::Sender<State>,
    asked: Arc<AtomicUsize>,
    accepting: JoinHandle<()>,
}

#[derive(Debug, Clone, Copy)]
struct State {
    network: Network,
    /// Connections of an earlier age than this are half-open: their peers have gone and nobody said so.
    age: u64,
}

impl Proxy {
    /// Starts one before a port of this machine.
    pub async fn start(target: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("its number").port();
        let (state, seen) = watch::channel(State { network: Network::Up, age: 0 });
        let asked = Arc::new(AtomicUsize::new(0));
        let count = asked.clone();
        let accepting = tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.expect("it accepts");
                tokio::spawn(serve(client, SocketAddr::from(([127, 0, 0, 1], target)), seen.clone(), count.clone()));
            }
        });
        Self { port, state, asked, accepting }
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How often clients have sent something so far, whatever became of it.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    /// Changes the network.
    pub fn set(&self, network: Network) {
        self.state.send_modify(|state| state.network = network);
    }

    /// Leaves the connections there are half-open for ever; new ones work.
    pub fn forget(&self) {
        self.state.send_modify(|state| state.age += 1);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn serve(client: TcpStream, target: SocketAddr, mut state: watch::Receiver<State>, asked: Arc<AtomicUsize>) {
    let age = state.borrow().age;
    if state.borrow().network == Network::Cut {
        return drop(client.set_zero_linger());
    }
    let Ok(server) = TcpStream::connect(target).await else { return };
    for end in [&client, &server] {
        end.set_nodelay(true).expect("an open socket");
        // Closing it, however that comes about, resets it.
        end.set_zero_linger().expect("an open socket");
    }
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    let (up, down) = (state.clone(), state.clone());
    let cut = async {
        drop(state.wait_for(|state| state.network == Network::Cut && state.age == age).await);
    };
    let count = || {
        asked.fetch_add(1, Ordering::Relaxed);
    };
    tokio::select! {
        () = pass(from_client, to_server, up, age, count) => {}
        () = pass(from_server, to_client, down, age, || {}) => {}
        () = cut => {}
    }
}

/// One direction, until an end closes it.
async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut state: watch::Receiver<State>,
    age: u64,
    arrived: impl Fn(),
) {
    let mut buffer = vec![0; 16 << 10];
    loop {
        let read = from.read(&mut buffer).await.unwrap_or(0);
        arrived();
        let moves = state.wait_for(|state| state.age == age && state.network != Network::Silent).await;
        let network = moves.map_or(Network::Cut, |state| state.network);
        if let Network::Slow { delay, rate } = network {
            let share = u32::try_from(read).unwrap_or(u32::MAX);
            sleep(delay + Duration::from_secs(1) * share / rate).await;
        }
        let bytes = buffer.get(..read).unwrap_or_default();
        if bytes.is_empty() || to.write_all(bytes).await.is_err() {
            return;
        }
    }
}
