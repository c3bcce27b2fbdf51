//! Putting the services together, and taking them apart in order.

use std::{net::SocketAddr, sync::Arc};

use kenh_access::Access;
use kenh_amqp::AmqpLog;
use kenh_channel_log::{ChannelLog, Writing};
use kenh_ingress::MailConfig;
use kenh_intake::{Endpoints, Intake};
use kenh_log::{EventLog, LocalQueue, WorkQueue, embedded::EmbeddedLog};
use kenh_media::Media;
use kenh_outbound::{Desk, Teller};
use kenh_process::Switchboard;
use kenh_runtime::{health::Health, serve, telemetry::Telemetry};
use kenh_spool::{Shared, Spooled};
use kenh_store::Store;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use crate::{
    cli::Role,
    config::{Config, Engine, Spools},
    failure::Failure,
    pipeline,
    reread::Rereader,
    tokens::ForFiles,
};

/// The services of a process. Stopped in order by [`Server::stop`].
pub(crate) struct Server {
    services: JoinSet<Result<(), Failure>>,
    health: Health,
    stop_ingress: CancellationToken,
    stop_api: CancellationToken,
    stop_rest: CancellationToken,
    /// Writes the channel log.
    writing: Option<Writing>,
}

/// Whether what is kept of tokens can be opened. A store that is away is waited for; then a key that is missing is an error in
/// the log.
async fn check_credentials(store: &dyn Store, keys: &kenh_dispatch::Keys) -> Result<(), Failure> {
    match kenh_dispatch::check(store, keys).await {
        Ok(opened) => opened.map_err(Failure::usage),
        Err(error) => {
            debug!(%error, "kept credentials are opened when the state store is there");
            Ok(())
        }
    }
}

/// Ports that are open before anything else is begun.
struct Listeners {
    admin: TcpListener,
    ingress: Option<TcpListener>,
    api: Option<TcpListener>,
    mail: Vec<TcpListener>,
}

impl Listeners {
    async fn open(config: &Config, roles: &[Role]) -> Result<Self, serve::ListenError> {
        let admin = serve::listen("admin.listen", config.admin_listen).await?;
        let ingress = if roles.contains(&Role::Ingress) {
            Some(serve::listen("ingress.listen", config.ingress.listen).await?)
        } else {
            None
        };
        let api =
            if roles.contains(&Role::Api) { Some(serve::listen("api.listen", config.api.listen).await?) } else { None };
        let mail = if roles.contains(&Role::Ingress) {
            crate::mail::listen(&config.mail, &config.endpoints).await?
        } else {
            Vec::new()
        };
        Ok(Self { admin, ingress, api, mail })
    }
}

impl Server {
    /// Starts services.
    pub(crate) async fn start(config: Config, roles: &[Role], telemetry: &Telemetry) -> Result<Self, Failure> {
        let listeners = Listeners::open(&config, roles).await.map_err(Failure::runtime)?;
        let (health, stop_rest) = (Health::default(), CancellationToken::new());
        // Events are taken, and streams without a name served, with and without it.
        health.can_spare(kenh_store::READY);
        let store = kenh_store::open(&config.store, &health, &stop_rest).await.map_err(Failure::runtime)?;
        // Others are there, and whoever publishes asks the store first.
        let shared = (config.store.is_shared() && config.dedupe.window.is_some()).then(|| store.clone());
        let Engines { log, queue } = open_engines(config.engine, shared, roles, &health, &stop_rest).await?;
        if roles.contains(&Role::Dispatch) {
            check_credentials(&*store, &config.keys).await?;
        }
        let endpoints = Arc::new(config.endpoints);
        let processes = Switchboard::new(endpoints.clone());
        let intake =
            Intake::start(log.clone(), store.clone(), config.dedupe, &stop_rest).asking(Arc::new(processes.clone()));
        let intake = pipeline::serving(intake, &endpoints, &store, roles, &stop_rest)?;
        let mut server = Self {
            services: JoinSet::new(),
            health: health.clone(),
            stop_ingress: CancellationToken::new(),
            stop_api: CancellationToken::new(),
            stop_rest,
            writing: None,
        };
        let (exchanges, writing) = ChannelLog::start(config.channel_log, store.clone(), server.stop_rest.clone());
        server.writing = Some(writing);
        let teller = Teller { intake: intake.clone(), endpoints: endpoints.clone() };
        tokio::spawn(kenh_store::house::keep(store.clone(), config.retention, server.stop_rest.clone()));
        if let Some(listener) = listeners.api {
            info!(address = %config.api.listen, "serving gRPC");
            if !config.api.listen.ip().is_loopback() {
                warn_of_exposure(&config.access);
            }
            let access = Access::start(config.access, &server.stop_rest).map_err(Failure::usage)?;
            let reread = Arc::new(Rereader { intake: intake.clone(), endpoints: endpoints.clone() });
            let desk = Desk { endpoints: endpoints.clone(), store: store.clone(), queue: queue.clone() };
            let tokens = Arc::new(ForFiles::of(&store, &config.keys));
            let media = Media::start(&config.media, endpoints.clone(), tokens, exchanges.clone(), &server.stop_rest);
            let parts = kenh_api::Parts {
                log,
                store: store.clone(),
                access,
                reread,
                desk,
                teller: teller.clone(),
                media: media.map_err(Failure::usage)?,
                processes: processes.clone(),
                catalog: pipeline::channels(&endpoints),
                ready: health.latch("api"),
            };
            let stop = server.stop_api.clone();
            server
                .services
                .spawn(async move { kenh_api::run(config.api, listener, parts, stop).await.map_err(Failure::runtime) });
        }
        let (polled, binds) = (store.clone(), kenh_smpp::Binds::default());
        if roles.contains(&Role::Dispatch) {
            let parts = kenh_dispatch::Parts {
                endpoints: endpoints.clone(),
                store,
                queue,
                teller,
                keys: config.keys,
                log: exchanges.clone(),
                binds: binds.clone(),
                processes,
                ready: health.latch("dispatch"),
            };
            let stop = server.stop_api.clone();
            let dispatching = kenh_dispatch::run(config.dispatch, parts, stop);
            server.services.spawn(async move { dispatching.await.map_err(Failure::runtime) });
        }
        if roles.contains(&Role::Poller) {
            let parts = kenh_poller::Parts {
                endpoints: endpoints.clone(),
                store: polled,
                intake: intake.clone(),
                binds,
                ready: health.latch("poller"),
            };
            let stop = server.stop_ingress.clone();
            let polling = kenh_poller::run(config.poller, parts, stop);
            server.services.spawn(async move { polling.await.map_err(Failure::runtime) });
        }
        server.receive(config.mail, listeners.mail, &endpoints, &intake, &exchanges);
        if let Some(listener) = listeners.ingress {
            announce(config.ingress.listen, &endpoints);
            let stop = server.stop_ingress.clone();
            server.services.spawn(async move {
                kenh_ingress::run(config.ingress, listener, endpoints, intake, exchanges, stop).await;
                Ok(())
            });
        }
        let (admin, stop) = (serve::admin(health, telemetry.metrics.clone()), server.stop_rest.clone());
        let bounds = serve::Bounds { connections: 64, idle: serve::IDLE };
        server.services.spawn(async move {
            serve::http(listeners.admin, admin, bounds, stop).await;
            Ok(())
        });
        Ok(server)
    }

    /// Takes mail, where ports for it are open.
    fn receive(
        &mut self,
        config: MailConfig,
        ports: Vec<TcpListener>,
        endpoints: &Arc<Endpoints>,
        intake: &Intake,
        log: &ChannelLog,
    ) {
        if ports.is_empty() {
            return;
        }
        let (endpoints, intake, log, stop) =
            (endpoints.clone(), intake.clone(), log.clone(), self.stop_ingress.clone());
        let receiving = kenh_ingress::receive(config, ports, endpoints, intake, log, stop);
        self.services.spawn(async move { receiving.await.map_err(Failure::runtime) });
    }

    /// Waits for a service to end, which none does before it is told to.
    pub(crate) async fn failed(&mut self) -> Failure {
        match self.services.join_next().await {
            Some(Ok(Err(failure))) => failure,
            Some(Ok(Ok(()))) | None => Failure::runtime("a service has ended"),
            Some(Err(error)) => Failure::runtime(format!("a service has ended: {error}")),
        }
    }

    /// Stops in order: webhooks first, so that what is stored still reaches subscribers; then the streams; then the
    /// log and the admin port.
    pub(crate) async fn stop(mut self) -> Result<(), Failure> {
        self.health.latch("shutdown").arm("stopping");
        self.stop_ingress.cancel();
        self.stop_api.cancel();
        // The admin port is the last of the services to end.
        while self.services.len() > 1 {
            self.join_one().await?;
        }
        self.stop_rest.cancel();
        while !self.services.is_empty() {
            self.join_one().await?;
        }
        if let Some(writing) = self.writing.take() {
            drop(writing.await);
        }
        Ok(())
    }

    async fn join_one(&mut self) -> Result<(), Failure> {
        match self.services.join_next().await {
            Some(Ok(outcome)) => outcome,
            Some(Err(error)) => Err(Failure::runtime(format!("a service did not end well: {error}"))),
            None => Ok(()),
        }
    }
}

/// What others can reach is said at the start.
fn warn_of_exposure(access: &kenh_access::Config) {
    if !access.authenticates() {
        warn!("the api is open to everybody who can reach it: callers do not have to prove who they are");
    } else if !access.encrypts() {
        warn!(
            "keys and tokens of callers cross the network readable, unless a proxy or a mesh encrypts it; see access.tls"
        );
    }
}

/// Says which addresses channels may call.
fn announce(address: SocketAddr, endpoints: &Endpoints) {
    for endpoint in endpoints.iter() {
        info!(%address, "serving /v1/webhooks/{}/{}", endpoint.channel, endpoint.name);
    }
    if endpoints.is_empty() {
        warn!("no endpoint is configured under `channels`: every webhook call gets a 404");
    }
}

/// The log and the work queues.
struct Engines {
    log: Arc<dyn EventLog>,
    queue: Arc<dyn WorkQueue>,
}

async fn open_engines(
    engine: Engine,
    shared: Option<Arc<dyn Store>>,
    roles: &[Role],
    health: &Health,
    stop: &CancellationToken,
) -> Result<Engines, Failure> {
    let (broker, spool) = match engine {
        Engine::Embedded(config) => {
            let log = EmbeddedLog::open(&config).map_err(Failure::runtime)?;
            health.latch("log").release();
            return Ok(Engines { log: Arc::new(log), queue: Arc::new(LocalQueue::default()) });
        }
        Engine::Rabbitmq { broker, spool } => (broker, spool),
    };
    let (own, sharing) = spool.map(|Spools { own, shared }| (own, shared)).unzip();
    // Only those who take deliveries need somewhere to put them when the store is away, too.
    let own = own.filter(|_| roles.contains(&Role::Ingress));
    if own.is_some() {
        // Webhooks are taken with and without the broker; that is what the spool is for.
        health.can_spare(kenh_amqp::PUBLISHING);
        health.can_spare(kenh_amqp::READING);
    }
    let amqp = if roles.contains(&Role::Api) {
        AmqpLog::start(broker, health, stop)
    } else {
        AmqpLog::start_publishing(broker, health, stop)
    };
    let (queue, mut log): (_, Arc<dyn EventLog>) = (Arc::new(amqp.work()), Arc::new(amqp));
    if let (Some(config), Some(store)) = (sharing, shared) {
        log = Arc::new(Shared::start(config, log, store, stop));
    }
    let log = match own {
        Some(config) => {
            Arc::new(Spooled::start(config, log, health.latch("spool"), stop).await.map_err(Failure::runtime)?)
        }
        None => log,
    };
    Ok(Engines { log, queue })
}
