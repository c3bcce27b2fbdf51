//! `kenh credentials`

use kenh_dispatch::Keys;
use kenh_runtime::health::Health;
use tokio_util::sync::CancellationToken;

use crate::{
    cli::{CredentialsCommand, DiscardCredential},
    client, config,
    failure::Failure,
};

pub(crate) async fn run(command: CredentialsCommand) -> Result<(), Failure> {
    match command {
        CredentialsCommand::NewKey => {
            let key = Keys::generate().ok_or_else(|| Failure::runtime("the system gives no randomness"))?;
            client::print(&key)
        }
        CredentialsCommand::Discard(which) => discard(&which).await,
    }
}

/// Straight from the store: a credential that no key opens keeps the gateway from starting.
async fn discard(which: &DiscardCredential) -> Result<(), Failure> {
    let config = config::load(which.file.config.as_deref(), &[])?;
    let (health, stop) = (Health::default(), CancellationToken::new());
    let store = kenh_store::open(&config.store, &health, &stop).await.map_err(Failure::runtime)?;
    let dropped = store.drop_credential(&which.account).await.map_err(Failure::runtime)?;
    stop.cancel();
    if dropped {
        return Ok(());
    }
    let kept = store.credentials().await.map_err(Failure::runtime)?;
    let names: Vec<_> = kept.into_iter().map(|(account, _)| account).collect();
    let known = if names.is_empty() { "of none".into() } else { format!("of: {}", names.join(", ")) };
    Err(Failure::usage(format!("nothing is kept of {}; something is kept {known}", which.account)))
}
