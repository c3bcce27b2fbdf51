//! Ports that mail comes in by.

use kenh_ingress::MailConfig;
use kenh_intake::Endpoints;
use kenh_runtime::serve::{self, ListenError};
use tokio::net::TcpListener;
use tracing::{info, warn};

/// Opens the listeners, where an endpoint takes mail: one configuration may serve several processes, each with channels of its own.
pub(crate) async fn listen(config: &MailConfig, endpoints: &Endpoints) -> Result<Vec<TcpListener>, ListenError> {
    let mut taking = endpoints.iter().filter(|endpoint| endpoint.connector.reception().is_some());
    let Some(endpoint) = taking.next() else { return Ok(Vec::new()) };
    if config.listeners.is_empty() {
        let (channel, name) = (endpoint.channel, endpoint.name.as_str());
        warn!(
            "channels.{channel}.{name} takes mail of other servers, and mail.listeners names no address to take it at"
        );
    }
    let mut listeners = Vec::new();
    for listener in &config.listeners {
        listeners.push(serve::listen("mail.listeners", listener.listen).await?);
        info!(address = %listener.listen, protocol = listener.protocol(), "taking mail");
    }
    Ok(listeners)
}
