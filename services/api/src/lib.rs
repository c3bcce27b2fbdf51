//! The gRPC service that serves the log to CRMs and help desks.
//!
//! One reader per partition feeds a ring in memory ([`hub`](crate::Hub)); every stream takes from the rings what it
//! wants, and reads the log itself only when it is behind them. An envelope is never encoded again: see
//! `kenh_proto::server`.

mod channels;
mod config;
mod connectors;
mod cursor;
#[cfg(feature = "fuzz")]
#[doc(hidden)]
pub mod door;
mod drain;
mod exchanges;
mod follow;
mod hub;
mod list;
mod media;
mod messages;
mod methods;
mod named;
mod own;
mod parked;
mod raw;
mod request;
mod service;
mod status;
mod subscriber;
mod subscriptions;
mod unreadable;
mod view;

use std::{sync::Arc, time::Duration};

use kenh_access::Access;
use kenh_log::EventLog;
use kenh_media::Media;
use kenh_outbound::{Desk, Follower, Teller};
use kenh_process::Switchboard;
use kenh_proto::{
    FILE_DESCRIPTOR_SET,
    server::{
        event_service_server::EventServiceServer, parked_service_server::ParkedServiceServer,
        subscription_service_server::SubscriptionServiceServer,
    },
    v1::{
        channel_service_server::ChannelServiceServer, connector_service_server::ConnectorServiceServer,
        message_service_server::MessageServiceServer,
    },
};
use kenh_runtime::health::Latch;
use kenh_store::Store;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::{server::NamedService, transport::Server};
use tonic_health::ServingStatus;

pub use config::Config;
pub use hub::Hub;
use named::Named;
pub use parked::{Reading, Reread};

/// The server could not go on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The compiled contract cannot be served by reflection.
    #[error("reflection: {0}")]
    Reflection(#[from] tonic_reflection::server::Error),
    /// The transport failed.
    #[error("gRPC server: {0}")]
    Transport(#[from] tonic::transport::Error),
}

/// What the api serves.
pub struct Parts {
    /// The log.
    pub log: Arc<dyn EventLog>,
    /// Where positions of subscriptions and parked events are kept.
    pub store: Arc<dyn Store>,
    /// Who may call what.
    pub access: Access,
    /// Reads deliveries again that could not be read.
    pub reread: Arc<dyn Reread>,
    /// Where outbound messages are handed in.
    pub desk: Desk,
    /// Tells what became of them.
    pub teller: Teller,
    /// Files of events.
    pub media: Media,
    /// Where processes are attached.
    pub processes: Switchboard,
    /// Slug and name of every channel of this program and of the configuration.
    pub catalog: Vec<(&'static str, &'static str)>,
    /// Released when the log can be read.
    pub ready: Latch,
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Parts")
    }
}

/// The largest request: a thousand ids, or the acknowledgements of a few thousand events.
const LARGEST_REQUEST: usize = 1 << 20;
/// The largest message to send: a file of ten mebibytes, and what is said with it.
const LARGEST_MESSAGE: usize = 12 << 20;
/// What a process makes of the largest call, with the bytes of it.
const LARGEST_ANSWER: usize = 16 << 20;

/// Serves until told to stop. Then every stream gets a `Drain`, and what is under way ends.
pub async fn run(config: Config, listener: TcpListener, parts: Parts, stop: CancellationToken) -> Result<(), RunError> {
    let Parts { log, store, access, reread, desk, teller, media, processes, catalog, ready } = parts;
    let hub = Hub::start(log.clone(), config.ring_bytes, &stop);
    // Streams give back what they hold when they are told to stop: leases are kept for a little longer.
    let held = CancellationToken::new();
    let _held = held.clone().drop_guard();
    let named = Named::start(&config, hub.clone(), log.clone(), store.clone(), &held);
    let (health_reporter, health) = tonic_health::server::health_reporter();
    let name = <EventServiceServer<service::Events> as NamedService>::NAME;
    health_reporter.set_service_status(name, ServingStatus::NotServing).await;
    let opening = {
        let (hub, reporter, stop) = (hub.clone(), health_reporter.clone(), stop.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = stop.cancelled() => return,
                () = hub.opened() => {}
            }
            ready.release();
            reporter.set_service_status(name, ServingStatus::Serving).await;
        })
    };
    let reflection = |builder: tonic_reflection::server::Builder<'static>| {
        builder
            .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    tokio::spawn(own::work(named.clone(), unreadable::Unreadable(named.clone()), stop.clone()));
    if desk.endpoints.iter().any(|endpoint| endpoint.connector.outbound().is_some()) {
        let follower = Follower::new(store.clone(), teller.clone());
        tokio::spawn(follow::sweep(follower.clone(), stop.clone()));
        tokio::spawn(own::work(named.clone(), follow::Follow(follower), stop.clone()));
    }
    let connectors = connectors::ConnectorCalls {
        switchboard: processes.clone(),
        intake: Some(teller.intake.clone()),
        stop: stop.clone(),
    };
    let channels = channels::ChannelCalls { endpoints: desk.endpoints.clone(), processes, catalog, store };
    let messages = messages::MessageCalls::new(desk, teller);
    let subscriptions = subscriptions::SubscriptionCalls::new(named.clone(), config.max_subscriptions);
    let parked = parked::ParkedCalls::new(named.clone(), reread);
    let events = service::Events::new(config.clone(), hub, log, named, media, stop.clone());
    let mut router = Server::builder()
        .layer(kenh_access::Layer::new(access.clone(), methods::METHODS))
        .http2_keepalive_interval(Some(Duration::from_secs(20)))
        .http2_keepalive_timeout(Some(Duration::from_secs(20)))
        .max_concurrent_streams(Some(config.streams_per_connection))
        .add_service(health)
        .add_service(SubscriptionServiceServer::new(subscriptions).max_decoding_message_size(LARGEST_REQUEST))
        .add_service(ParkedServiceServer::new(parked).max_decoding_message_size(LARGEST_REQUEST))
        .add_service(MessageServiceServer::new(messages).max_decoding_message_size(LARGEST_MESSAGE))
        .add_service(ChannelServiceServer::new(channels).max_decoding_message_size(LARGEST_REQUEST))
        .add_service(ConnectorServiceServer::new(connectors).max_decoding_message_size(LARGEST_ANSWER))
        .add_service(EventServiceServer::new(events).max_decoding_message_size(LARGEST_REQUEST));
    if access.shows_contract() {
        router = router
            .add_service(reflection(tonic_reflection::server::Builder::configure()).build_v1()?)
            .add_service(reflection(tonic_reflection::server::Builder::configure()).build_v1alpha()?);
    }
    let incoming = access.incoming(listener, stop.clone());
    let stopping = async move {
        stop.cancelled().await;
        health_reporter.set_service_status(name, ServingStatus::NotServing).await;
    };
    router.serve_with_incoming_shutdown(incoming, stopping).await?;
    opening.abort();
    Ok(())
}

/// Attaches processes to a switchboard until told to stop, and nothing else: what they push is looked at and not stored.
pub async fn run_connectors(
    listener: TcpListener,
    access: Access,
    processes: Switchboard,
    stop: CancellationToken,
) -> Result<(), RunError> {
    let connectors = connectors::ConnectorCalls { switchboard: processes, intake: None, stop: stop.clone() };
    let incoming = access.incoming(listener, stop.clone());
    Server::builder()
        .layer(kenh_access::Layer::new(access, methods::METHODS))
        .add_service(ConnectorServiceServer::new(connectors).max_decoding_message_size(LARGEST_ANSWER))
        .serve_with_incoming_shutdown(incoming, stop.cancelled_owned())
        .await?;
    Ok(())
}
