//! `kenh serve`

use kenh_runtime::telemetry::{self, Telemetry};
use tokio::signal::unix::{SignalKind, signal};
use tracing::info;

use crate::{
    cli::{Role, Serve},
    config::{self, Config, Engine},
    failure::Failure,
    server::Server,
};

const ALL_ROLES: &[Role] = &[Role::Ingress, Role::Poller, Role::Api, Role::Dispatch];

/// The roles that were asked for; all of them when none was.
pub(crate) fn roles(asked: Vec<Role>) -> Vec<Role> {
    if asked.is_empty() { ALL_ROLES.to_vec() } else { asked }
}

pub(crate) async fn run(arguments: Serve) -> Result<(), Failure> {
    let roles = roles(arguments.role);
    let mut config = config::load(arguments.file.config.as_deref(), &roles)?;
    if matches!(config.engine, Engine::Embedded(_)) && ALL_ROLES.iter().any(|role| !roles.contains(role)) {
        return Err(Failure::usage(
            "--role: the embedded log belongs to one process, which must run all roles; set log.engine to rabbitmq to split them",
        ));
    }
    if !arguments.channel.is_empty() {
        for channel in &arguments.channel {
            if config.endpoints.iter().all(|endpoint| endpoint.channel != channel) {
                crate::samples::registration(channel)?;
            }
        }
        config.endpoints.retain_channels(&arguments.channel);
    }
    crate::pipeline::unreachable(&config.endpoints, &roles)?;
    if roles.contains(&Role::Api) {
        config.access.check(config.api.listen, arguments.allow_unauthenticated).map_err(Failure::usage)?;
    }
    let telemetry = telemetry::start(&config.telemetry).map_err(Failure::runtime)?;
    until_told(config, &roles, telemetry).await
}

/// Serves until SIGTERM or SIGINT, then stops within the grace.
async fn until_told(config: Config, roles: &[Role], telemetry: Telemetry) -> Result<(), Failure> {
    let handler = |kind| signal(kind).map_err(Failure::runtime);
    let (mut terminate, mut interrupt) = (handler(SignalKind::terminate())?, handler(SignalKind::interrupt())?);
    let grace = config.shutdown_grace;
    crate::files::as_many_as_allowed();
    let mut server = Server::start(config, roles, &telemetry).await?;
    let outcome = tokio::select! {
        failure = server.failed() => Err(failure),
        _ = terminate.recv() => Ok(()),
        _ = interrupt.recv() => Ok(()),
    };
    info!("stopping");
    let stopped = tokio::select! {
        stopped = tokio::time::timeout(grace, server.stop()) => stopped,
        // Told twice: at once.
        _ = interrupt.recv() => return Err(Failure::runtime("stopped at once, streams were cut")),
    };
    // Sending the last traces blocks.
    drop(tokio::task::spawn_blocking(|| telemetry.stop()).await);
    info!("stopped");
    outcome.and(stopped.unwrap_or_else(|_| Err(Failure::runtime("streams did not end in time and were cut"))))
}
