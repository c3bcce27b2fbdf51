//! Serving HTTP with every wait bounded: connections, headers, idle ones, shutdown.

use std::{
    net::SocketAddr,
    pin::{Pin, pin},
    sync::Arc,
    time::Duration,
};

use axum::{Router, extract::State, response::IntoResponse, routing::get};
use hyper::service::{Service as _, service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
    service::TowerToHyperService,
};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{debug, warn};

use crate::health::Health;

/// A port that cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[error("{setting}: cannot listen on {address}: {reason}")]
pub struct ListenError {
    setting: &'static str,
    address: SocketAddr,
    reason: std::io::Error,
}

/// Listens on an address; `setting` names it for whoever has to change it.
pub async fn listen(setting: &'static str, address: SocketAddr) -> Result<TcpListener, ListenError> {
    TcpListener::bind(address).await.map_err(|reason| ListenError { setting, address, reason })
}

/// How many and how long.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Connections open at the same time. One more makes those that idle close; calls under way are finished.
    pub connections: usize,
    /// Time for the head of a connection's next call to arrive, and so the time a connection may idle. Proxies keep their
    /// connections for a time of their own: where this is shorter, a call now and then meets a connection that is just being closed.
    pub idle: Duration,
}

/// Longer than most proxies keep a connection that idles.
pub const IDLE: Duration = Duration::from_secs(120);
/// How often a connection of HTTP/2 is asked whether its peer is there.
const PING: Duration = Duration::from_secs(10);
/// A connection that is to leave and has not brought the whole of a call goes after this.
const LEAVES: Duration = Duration::from_secs(10);
/// How soon those that idle are closed again, where that made no room.
const CROWDED: Duration = Duration::from_secs(1);

/// Serves until told to stop, then lets requests that are under way finish.
pub async fn http(listener: TcpListener, router: Router, bounds: Bounds, stop: CancellationToken) {
    let mut server = auto::Builder::new(TokioExecutor::new());
    // A sender that has said all and closes its side is answered; what it brought is taken and counted in any case.
    server.http1().timer(TokioTimer::new()).header_read_timeout(bounds.idle).half_close(true);
    server.http2().timer(TokioTimer::new()).keep_alive_interval(PING).max_concurrent_streams(256);
    let server = Server { http: Arc::new(server), router, crowded: Arc::default(), stop };
    let (open, slots) = (TaskTracker::new(), Arc::new(Semaphore::new(bounds.connections)));
    loop {
        let accepted = tokio::select! {
            () = server.stop.cancelled() => break,
            accepted = server.accept(&listener, &slots) => accepted,
        };
        let Some((stream, slot)) = accepted else { continue };
        let server = server.clone();
        open.spawn(async move {
            server.connection(stream).await;
            drop(slot);
        });
    }
    drop(listener);
    open.close();
    open.wait().await;
}

#[derive(Clone)]
struct Server {
    http: Arc<auto::Builder<TokioExecutor>>,
    router: Router,
    /// There is no room for another connection.
    crowded: Arc<Notify>,
    stop: CancellationToken,
}

impl Server {
    async fn accept(
        &self,
        listener: &TcpListener,
        slots: &Arc<Semaphore>,
    ) -> Option<(TcpStream, OwnedSemaphorePermit)> {
        match listener.accept().await {
            Ok((stream, _)) => {
                // Without it small answers wait for the peer's acknowledgement.
                drop(stream.set_nodelay(true));
                Some((stream, self.room(slots).await?))
            }
            Err(reason) => {
                // Too many open files, mostly: trying again at once would only burn the processor.
                warn!(%reason, "cannot accept a connection, those that idle are closed");
                self.crowded.notify_waiters();
                tokio::time::sleep(Duration::from_millis(100)).await;
                None
            }
        }
    }

    /// Waits until there is room for a connection. Those that idle make it.
    async fn room(&self, slots: &Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
        if let Ok(slot) = slots.clone().try_acquire_owned() {
            return Some(slot);
        }
        loop {
            self.crowded.notify_waiters();
            if let Ok(slot) = tokio::time::timeout(CROWDED, slots.clone().acquire_owned()).await {
                return slot.ok();
            }
        }
    }

    async fn connection(self, stream: TcpStream) {
        let (router, calls) = (TowerToHyperService::new(self.router), TaskTracker::new());
        let under_way = calls.clone();
        let service = service_fn(move |request| under_way.track_future(router.call(request)));
        let mut connection = pin!(self.http.serve_connection(TokioIo::new(stream), service));
        let told = async {
            tokio::select! {
                () = self.stop.cancelled() => {}
                () = self.crowded.notified() => {}
            }
        };
        let ended = tokio::select! {
            ended = connection.as_mut() => Some(ended),
            () = told => {
                connection.as_mut().graceful_shutdown();
                leaves(connection, &calls).await
            }
        };
        if let Some(Err(reason)) = ended {
            debug!(%reason, "a connection ended early");
        }
    }
}

/// Waits for a connection's end, as long as there are calls under way.
async fn leaves<C: Future>(mut connection: Pin<&mut C>, calls: &TaskTracker) -> Option<C::Output> {
    loop {
        match tokio::time::timeout(LEAVES, connection.as_mut()).await {
            Ok(ended) => return Some(ended),
            Err(_) if calls.is_empty() => return None,
            Err(_) => {}
        }
    }
}

/// The admin server's pages.
pub fn admin(health: Health, metrics: PrometheusHandle) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "live\n" }))
        .route("/readyz", get(ready).with_state(health))
        .route("/metrics", get(render).with_state(metrics))
}

async fn ready(State(health): State<Health>) -> impl IntoResponse {
    let status = if health.is_ready() { http::StatusCode::OK } else { http::StatusCode::SERVICE_UNAVAILABLE };
    (status, health.report())
}

async fn render(State(metrics): State<PrometheusHandle>) -> impl IntoResponse {
    metrics.run_upkeep();
    ([(http::header::CONTENT_TYPE, "text/plain; version=0.0.4")], metrics.render())
}
