//! Serving HTTP with every wait bounded: connections, headers, idle ones, shutdown.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, extract::State, response::IntoResponse, routing::get};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::{net::TcpListener, sync::Semaphore};
use tokio_util::sync::CancellationToken;
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
    /// Connections open at the same time; further ones wait in the system's backlog.
    pub connections: usize,
    /// Time for a request's head to arrive, also the time a connection may idle.
    pub head: Duration,
}

/// Serves until told to stop, then lets requests that are under way finish.
pub async fn http(listener: TcpListener, router: Router, bounds: Bounds, stop: CancellationToken) {
    let mut server = auto::Builder::new(TokioExecutor::new());
    // A sender that has said all and closes its side is answered; what it brought is taken and counted in any case.
    server.http1().timer(TokioTimer::new()).header_read_timeout(bounds.head).half_close(true);
    server.http2().timer(TokioTimer::new()).keep_alive_interval(bounds.head).max_concurrent_streams(256);
    let (graceful, slots) = (GracefulShutdown::new(), Arc::new(Semaphore::new(bounds.connections)));
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = accept(&listener, &slots) => accepted,
        };
        let Some((stream, slot)) = accepted else { continue };
        let service = TowerToHyperService::new(router.clone());
        let connection = server.serve_connection_with_upgrades(TokioIo::new(stream), service).into_owned();
        let watched = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(reason) = watched.await {
                debug!(%reason, "a connection ended early");
            }
            drop(slot);
        });
    }
    drop(listener);
    graceful.shutdown().await;
}

async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> Option<(tokio::net::TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let slot = slots.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => {
            // Without it small answers wait for the peer's acknowledgement.
            drop(stream.set_nodelay(true));
            Some((stream, slot))
        }
        Err(reason) => {
            // Out of file descriptors, mostly: trying again at once would only burn the processor.
            warn!(%reason, "cannot accept a connection");
            tokio::time::sleep(Duration::from_millis(100)).await;
            None
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
