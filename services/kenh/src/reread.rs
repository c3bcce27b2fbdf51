//! Reading parked deliveries again, with the connectors of this version.

use std::sync::Arc;

use async_trait::async_trait;
use kenh_api::{Reading, Reread};
use kenh_intake::{Endpoint, Endpoints, Intake, KeepRaw};
use kenh_proto::v1::Envelope;
use tracing::warn;

/// Reads them into the log, as their endpoint is configured now. Where it is gone, or the process has no channels, what the
/// connector knows by itself has to do: nothing is proven again.
pub(crate) struct Rereader {
    pub(crate) intake: Intake,
    pub(crate) endpoints: Arc<Endpoints>,
}

#[async_trait]
impl Reread for Rereader {
    async fn reread(&self, envelope: Envelope) -> Reading {
        let own = connector_catalog::find(&envelope.channel).copied();
        let found = own.or_else(|| connector_catalog::of_process(&envelope.channel));
        let Some(registration) = found else { return Reading::Failed };
        let name = envelope.account.as_ref().map(|account| account.endpoint.clone()).unwrap_or_default();
        let endpoint = self.endpoints.find(registration.channel, &name).unwrap_or_else(|| {
            Arc::new(Endpoint {
                channel: registration.channel,
                name,
                tenant: envelope.tenant.clone(),
                keep_raw: KeepRaw::None,
                connector: (registration.bare)(),
            })
        });
        match self.intake.reread(&endpoint, &envelope).await {
            kenh_intake::Reading::Stored(events) => Reading::Stored(u32::try_from(events).unwrap_or(u32::MAX)),
            kenh_intake::Reading::StillUnreadable => Reading::StillUnreadable,
            kenh_intake::Reading::Pending | kenh_intake::Reading::ConnectorAway(_) => Reading::Failed,
            kenh_intake::Reading::NotStored(error) => {
                warn!(%error, "a parked delivery could be read and not be stored");
                Reading::Failed
            }
        }
    }
}
