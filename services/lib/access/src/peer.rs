//! The other end of a connection.

use std::{net::IpAddr, sync::Arc};

use crate::certificate::Names;

/// Who is at the other end, as far as the connection says; in the extensions of every request.
#[derive(Debug, Clone)]
pub struct Peer {
    /// Its address, or its proxy's.
    pub address: IpAddr,
    /// What its certificate says, once it was verified.
    pub(crate) certificate: Option<Arc<Names>>,
}
