//! Mail that other servers hand over, by SMTP or LMTP: into the same pipeline as webhooks, for the endpoints that take mail.

mod checks;
mod config;
mod desk;

use std::sync::Arc;

use kenh_channel_log::ChannelLog;
use kenh_intake::{Endpoints, Intake};
use kenh_smtp::Listener;
use kenh_tls::{PairError, Watched};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub use config::{ListenerConfig, MailConfig};

use checks::Checks;
use desk::Reader;

/// Why no mail can be taken.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The certificate cannot be used.
    #[error(transparent)]
    Certificate(#[from] PairError),
    /// Nothing says which DNS servers are to be asked.
    #[error("mail.checks.resolvers: the system's DNS servers cannot be found out: {0}; name them here")]
    Resolvers(String),
}

/// Takes mail until told to stop, then lets mails that are coming in come to their end. `ports`: those of the listeners, in their order.
pub async fn receive(
    config: MailConfig,
    ports: Vec<TcpListener>,
    endpoints: Arc<Endpoints>,
    intake: Intake,
    log: ChannelLog,
    stop: CancellationToken,
) -> Result<(), MailError> {
    let certificate = match config.certificate {
        Some((pair, every)) => Some(Watched::start(pair, every, &stop)?),
        None => None,
    };
    let checked = config.listeners.iter().any(|listener| listener.checks);
    let checks = if checked { Some(Checks::new(&config.policy.hostname, &config.checks)?) } else { None };
    let reader = Reader {
        endpoints,
        intake,
        log,
        checks,
        checked: config.listeners.iter().map(|listener| listener.checks).collect(),
        refuses: config.checks.refuses,
    };
    let listener = |(listener, tcp): (ListenerConfig, TcpListener)| Listener {
        tcp,
        protocol: listener.protocol,
        from: listener.from,
        tls: listener.tls,
    };
    let listeners = config.listeners.into_iter().zip(ports).map(listener).collect();
    kenh_smtp::serve(listeners, Arc::new(reader), config.policy, certificate, stop).await;
    Ok(())
}
