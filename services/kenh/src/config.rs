//! The whole configuration.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use connector_catalog::CONNECTORS;
use connector_sdk::{
    Section,
    settings::{Faults, Node},
};
use kenh_intake::Endpoints;
use kenh_log::embedded;
use kenh_runtime::{clock, config as file, telemetry};

use crate::{cli::Role, failure::Failure};

/// Everything a process needs to know.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) shutdown_grace: Duration,
    pub(crate) partitions: u32,
    pub(crate) engine: Engine,
    pub(crate) store: kenh_store::Config,
    pub(crate) retention: kenh_store::house::Retention,
    pub(crate) dedupe: kenh_intake::DedupeConfig,
    pub(crate) ingress: kenh_ingress::Config,
    pub(crate) mail: kenh_ingress::MailConfig,
    pub(crate) poller: kenh_poller::Config,
    pub(crate) api: kenh_api::Config,
    pub(crate) dispatch: kenh_dispatch::Config,
    pub(crate) channel_log: kenh_channel_log::Config,
    pub(crate) media: kenh_media::Config,
    pub(crate) access: kenh_access::Config,
    pub(crate) keys: Arc<kenh_dispatch::Keys>,
    pub(crate) admin_listen: SocketAddr,
    pub(crate) telemetry: telemetry::Config,
    pub(crate) endpoints: Endpoints,
}

/// Where the log is kept.
#[derive(Debug)]
pub(crate) enum Engine {
    Embedded(embedded::Config),
    Rabbitmq { broker: kenh_amqp::Config, spool: Option<Spools> },
}

impl Engine {
    /// How long storing an event can take, with room to spare.
    fn longest_append(&self) -> Duration {
        const LEAST: Duration = Duration::from_secs(5);
        match self {
            Self::Embedded(_) => LEAST,
            Self::Rabbitmq { broker, .. } => LEAST + broker.confirm_timeout,
        }
    }
}

#[derive(Clone, Copy)]
enum EngineKind {
    Embedded,
    Rabbitmq,
}

/// Loads a configuration file with the environment's overrides, for a process of these roles or for a command of none.
pub(crate) fn load(path: Option<&Path>, roles: &[Role]) -> Result<Config, Failure> {
    let mut faults = Faults::default();
    let root = file::load(path, &mut faults).map_err(Failure::usage)?;
    let config = read(&root, roles, &mut faults);
    let faults = faults.sorted();
    if faults.is_empty() { Ok(config) } else { Err(Failure::usage(file::describe(path, &faults))) }
}

/// Reads a tree of settings; what is wrong is added to the faults.
pub(crate) fn read(root: &Node, roles: &[Role], faults: &mut Faults) -> Config {
    let mut section = Section::new(root, "", faults);
    let tenant = section.text("tenant").unwrap_or_else(|| "default".into());
    let data_dir: PathBuf = section.text("data_dir").unwrap_or_else(|| "data".into()).into();
    let (store, sending) = section.section("store", |store| {
        (kenh_store::Config::read(store, data_dir.clone()), kenh_store::house::Sending::read(store))
    });
    let (engine, partitions) = section.section("log", |log| self::log(log, data_dir.clone()));
    let lapse = engine.longest_append();
    let dedupe = section.section("dedupe", |dedupe| kenh_intake::DedupeConfig::read(dedupe, lapse));
    let channel_log = section.section("channel_log", kenh_channel_log::Config::read);
    let retention = section.section("parked", |parked| {
        kenh_store::house::Retention::read(parked, dedupe.window, sending, channel_log.retention)
    });
    let admin_listen = SocketAddr::from(([127, 0, 0, 1], 9090));
    let endpoints = section.section("channels", |channels| {
        let mut endpoints = Endpoints::read(channels, CONNECTORS, &tenant);
        endpoints.read_family(channels, connector_catalog::PROCESS_PREFIX, connector_catalog::of_process, &tenant);
        endpoints
    });
    // Only who dispatches renews tokens; others need not be given the keys. Who serves files can have those of renewed accounts
    // with the keys alone.
    let renewing = kenh_dispatch::renewing(&endpoints).next().filter(|_| roles.contains(&Role::Dispatch));
    let renewing = renewing.map(|(endpoint, id)| format!("{}/{}/{id}", endpoint.channel, endpoint.name));
    let config = Config {
        shutdown_grace: section.duration("shutdown_grace", Duration::from_secs(25)),
        partitions,
        engine,
        store,
        dedupe,
        retention,
        ingress: section.section("ingress", kenh_ingress::Config::read),
        mail: section.section("mail", kenh_ingress::MailConfig::read),
        poller: section.section("poller", kenh_poller::Config::read),
        api: section.section("api", kenh_api::Config::read),
        dispatch: section.section("dispatch", kenh_dispatch::Config::read),
        channel_log,
        media: section.section("media", |media| kenh_media::Config::read(media, &data_dir)),
        access: section.section("access", kenh_access::Config::read),
        admin_listen: section
            .section("admin", |admin| admin.value("listen", "an address such as 127.0.0.1:9090", admin_listen)),
        telemetry: section.section("telemetry", telemetry::Config::read),
        keys: section
            .section("credentials", |credentials| kenh_dispatch::Keys::read(credentials, renewing.as_deref()))
            .into(),
        endpoints,
    };
    section.finish();
    config
}

fn log(log: &mut Section<'_>, data_dir: PathBuf) -> (Engine, u32) {
    const DAY: u64 = 86_400;
    let kinds = [("embedded", EngineKind::Embedded), ("rabbitmq", EngineKind::Rabbitmq)];
    let kind = log.choice("engine", &kinds, EngineKind::Embedded);
    let partitions = u32::try_from(log.number("partitions", 1..=256, 4)).unwrap_or(4);
    let (max_age, max_bytes) = log.section("retention", |retention| {
        (retention.duration("max_age", Duration::from_secs(7 * DAY)), retention.bytes("max_bytes", 10 << 30))
    });
    let engine = match kind {
        EngineKind::Rabbitmq => Engine::Rabbitmq {
            broker: log.section("rabbitmq", |broker| kenh_amqp::Config::read(broker, partitions, max_age, max_bytes)),
            spool: log.section("spool", |spool| self::spool(spool, &data_dir)),
        },
        EngineKind::Embedded => {
            // What is said of a broker that is not used is nobody's fault.
            log.ignore("rabbitmq");
            log.ignore("spool");
            Engine::Embedded(embedded::Config { folder: data_dir, partitions, max_age, max_bytes, now: clock::now })
        }
    };
    (engine, partitions)
}

/// Where events go that the broker does not confirm.
#[derive(Debug)]
pub(crate) struct Spools {
    /// For one process, or while the state store is away.
    pub(crate) own: kenh_spool::Config,
    /// In a state store for several processes.
    pub(crate) shared: kenh_spool::SharedConfig,
}

fn spool(spool: &mut Section<'_>, data_dir: &Path) -> Option<Spools> {
    const SMALLEST: u64 = 1 << 20;
    let enabled = spool.boolean("enabled", true);
    let max_bytes = spool.bytes("max_bytes", 1 << 30);
    if max_bytes < SMALLEST {
        spool.fault("max_bytes", "expected 1MiB or more; to do without a spool, set enabled to false");
    }
    let max_age_alarm = spool.duration("max_age_alarm", Duration::from_secs(600));
    let store_timeout = spool.duration("store_timeout", Duration::from_millis(800));
    let (folder, now) = (data_dir.join("spool"), clock::now);
    enabled.then_some(Spools {
        own: kenh_spool::Config { folder, max_bytes, max_age_alarm, now },
        shared: kenh_spool::SharedConfig { max_bytes, max_age_alarm, store_timeout, now },
    })
}
