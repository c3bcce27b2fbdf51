//! What comes from outside: takes the channels' calls, and mail that other servers hand over, stores what they bring, and answers what is true.

mod answer;
mod body;
mod config;
mod mail;
mod webhook;

use std::{collections::BTreeMap, sync::Arc};

use axum::{Router, response::IntoResponse as _, routing::get};
use connector_sdk::Page;
use http::{StatusCode, header};
use kenh_channel_log::ChannelLog;
use kenh_intake::{Endpoints, Intake};
use kenh_runtime::serve;
use tokio::{net::TcpListener, sync::Semaphore};
use tokio_util::sync::CancellationToken;

pub use config::Config;
pub use mail::{ListenerConfig, MailConfig, MailError, receive};

/// Serves until told to stop, then lets calls that are under way finish.
pub async fn run(
    config: Config,
    listener: TcpListener,
    endpoints: Arc<Endpoints>,
    intake: Intake,
    log: ChannelLog,
    stop: CancellationToken,
) {
    let bounds = serve::Bounds { connections: config.max_connections, idle: config.idle_timeout };
    let mut router = Router::new();
    // By path: two endpoints may prove the same domain with the same page.
    let pages = endpoints.iter().flat_map(|endpoint| endpoint.connector.pages());
    let pages: BTreeMap<String, Page> = pages.map(|page| (page.path.clone(), page)).collect();
    for (path, Page { content_type, body, .. }) in pages {
        router = router.route(&path, get(async move || ([(header::CONTENT_TYPE, content_type)], body.clone())));
    }
    let service = webhook::Service {
        in_flight: Semaphore::new(config.max_in_flight),
        in_flight_bytes: Semaphore::new(config.max_in_flight_bytes / webhook::UNIT + config.max_in_flight),
        config,
        endpoints,
        intake,
        log,
    };
    let router = router
        .route("/v1/webhooks/{channel}/{endpoint}", axum::routing::any(webhook::call))
        .route("/v1/webhooks/{channel}/{endpoint}/{token}", axum::routing::any(webhook::call_with_token))
        .fallback(|| async { (StatusCode::NOT_FOUND, "no such address\n").into_response() })
        .with_state(Arc::new(service));
    serve::http(listener, router, bounds, stop).await;
}
