//! How the accounts fare whose channel is asked.

use kenh_intake::Endpoint;
use kenh_runtime::clock;
use kenh_store::{RenewalFare, Store};
use tracing::debug;

/// Writes down how all accounts of an endpoint fare: what proves them is refused, with this code, or taken.
pub(crate) async fn tell(endpoint: &Endpoint, store: &dyn Store, refused: Option<&'static str>) {
    let Some(outbound) = endpoint.connector.outbound() else { return };
    let fare = RenewalFare {
        refused_at: refused.map(|_| clock::micros(clock::now())),
        refused_code: refused.map(Into::into),
        ..RenewalFare::default()
    };
    for (account, _) in outbound.accounts().iter() {
        let account = format!("{}/{account}", endpoint.name);
        if let Err(error) = store.put_renewal(endpoint.channel, &account, &fare).await {
            debug!(%error, "how an account fares is written down with what happens next");
        }
    }
}
