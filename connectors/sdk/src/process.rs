//! Channels whose connector is a process of an integrator's, attached over gRPC (`kenh.v1.ConnectorService`).
//!
//! What the configuration says of such an endpoint is here, and what its processes said they can do. The gateway keeps
//! everything that must not depend on somebody else's program: limits, ids, dedupe, order, the log, and the queue of what is sent.

use std::{
    sync::{PoisonError, RwLock},
    time::Duration,
};

use kenh_proto::v1::Capabilities;

/// One endpoint that processes read and send for. Shared between its connector, which reads what the processes can do, and
/// the gateway, which replaces it.
pub struct ByProcess {
    /// How long a process may take to read one call of the channel.
    pub deadline: Duration,
    /// Who proves the channel's calls.
    pub prover: Prover,
    /// What becomes of a proven call that no process reads in time.
    pub unread: Unread,
    /// The account of events that name none.
    pub account: Option<String>,
    /// Headers that no process is given: they hold secrets that the gateway proves calls with.
    pub withheld: Vec<&'static str>,
    /// Settings for the processes, by name. They may hold secrets.
    pub settings: Vec<(String, String)>,
    can: RwLock<Option<Capabilities>>,
}

/// Who proves the channel's calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prover {
    /// The gateway, by a scheme of the configuration, before a process sees the call.
    Gateway,
    /// The process that reads it: the gateway takes its word.
    Process,
}

/// What becomes of a proven call that no process reads in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// The channel is told to come back.
    Refuse,
    /// It is stored as it came, as an `unsupported` event, and parked: it can be read again later.
    Keep,
}

// By hand: settings may hold secrets.
impl std::fmt::Debug for ByProcess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ByProcess")
            .field("deadline", &self.deadline)
            .field("prover", &self.prover)
            .finish_non_exhaustive()
    }
}

impl ByProcess {
    /// As configured; what its processes can do is not known yet.
    pub fn new(deadline: Duration, prover: Prover, unread: Unread) -> Self {
        let (withheld, settings) = (Vec::new(), Vec::new());
        Self { deadline, prover, unread, account: None, withheld, settings, can: RwLock::default() }
    }

    /// What the process that attached last can do; `None` before the first one.
    pub fn capabilities(&self) -> Option<Capabilities> {
        self.can.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A process said what it can do. It holds until another one says something else, also while none is attached.
    pub fn learn(&self, capabilities: Capabilities) {
        *self.can.write().unwrap_or_else(PoisonError::into_inner) = Some(capabilities);
    }
}
