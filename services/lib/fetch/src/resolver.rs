//! Names become addresses here and nowhere else.

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::Rules;

/// Finds the addresses of a name.
#[async_trait]
pub trait Lookup: fmt::Debug + Send + Sync + 'static {
    /// All of them.
    async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// As the system does it.
#[derive(Debug, Clone, Copy)]
pub struct SystemLookup;

#[async_trait]
impl Lookup for SystemLookup {
    async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((name, 0)).await?.map(|address| address.ip()).collect())
    }
}

/// The name has addresses, and none that may be connected to.
#[derive(Debug, thiserror::Error)]
#[error("the name has no address that may be fetched from")]
pub(crate) struct NotAdmitted;

/// Gives a connection the addresses it may go to, and no other: what was looked at is what is connected to.
#[derive(Debug, Clone)]
pub(crate) struct Guard {
    pub(crate) lookup: Arc<dyn Lookup>,
    /// Without rules every address may be connected to.
    pub(crate) rules: Option<Arc<Rules>>,
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let found = guard.lookup.lookup(name.as_str()).await?;
            let admitted = |address: &IpAddr| guard.rules.as_ref().is_none_or(|rules| rules.admits(*address));
            let admitted: Vec<_> =
                found.iter().filter(|address| admitted(address)).map(|address| SocketAddr::new(*address, 0)).collect();
            if admitted.is_empty() && !found.is_empty() {
                return Err(NotAdmitted.into());
            }
            Ok(Box::new(admitted.into_iter()) as Addrs)
        })
    }
}
