//! The caller, as a service sees him.

use std::sync::Arc;

use kenh_proto::v1::ErrorReason;
use tonic::{Request, Status};

use crate::{
    Principal, Reach, Right,
    audit::{Call, Touched},
    refusal::Refusal,
};

/// Who calls; in the extensions of every request that has passed the [`Layer`](crate::Layer). Each check that fails is
/// noted for the audit log.
#[derive(Debug, Clone)]
pub struct Caller {
    principal: Arc<Principal>,
    call: Arc<Call>,
}

impl Caller {
    pub(crate) fn new(principal: Arc<Principal>, call: Arc<Call>) -> Self {
        Self { principal, call }
    }

    /// The caller of a request. INTERNAL for a request that did not pass the layer: nobody is let in by mistake.
    pub fn of<T>(request: &Request<T>) -> Result<Self, Status> {
        let caller = request.extensions().get::<Self>().cloned();
        caller.ok_or_else(|| {
            let message = "the call did not pass access control";
            kenh_reason::Refusal::new(ErrorReason::GatewayFault, message).status()
        })
    }

    /// Who it is.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// Where a right of his reaches.
    pub fn reach(&self, right: Right) -> Reach {
        self.principal.rights.reach(right)
    }

    /// Refuses unless he has a right to a channel's account; `None` where an event or a request names no account.
    /// Both are noted as what the call was about. The refusal does not repeat them: they may be what was asked for.
    pub fn may(&self, right: Right, channel: &str, account: Option<&str>) -> Result<(), Status> {
        self.call.touch(&Touched { channel: Some(channel), account });
        if self.reach(right).admits(channel, account) { Ok(()) } else { Err(self.refuse(Refusal::NoRight(right))) }
    }

    /// Refuses when a filter names a channel or an account of which he may see nothing. The rest of the filter is
    /// narrowed by [`reach`](Self::reach), which whoever reads the log has to give along.
    pub fn may_narrow(&self, right: Right, channels: &[String], accounts: &[String]) -> Result<(), Status> {
        self.call.touch_all(channels, accounts);
        match self.reach(right).beyond(channels, accounts) {
            None => Ok(()),
            Some(beyond) => Err(self.refuse(Refusal::Beyond(right, beyond))),
        }
    }

    /// Refuses unless he has a right to everything that a filter may match: for what is kept beyond the call.
    pub fn may_all(&self, right: Right, channels: &[String], accounts: &[String]) -> Result<(), Status> {
        self.may_narrow(right, channels, accounts)?;
        if self.reach(right).covers(channels, accounts) { Ok(()) } else { Err(self.refuse(Refusal::NoRight(right))) }
    }

    /// The answer to this call holds bytes as a channel delivered them. Noted once.
    pub fn reads_raw(&self, channel: &str, account: Option<&str>) {
        self.call.reads_raw(&Touched { channel: Some(channel), account });
    }

    pub(crate) fn call(&self) -> &Call {
        &self.call
    }

    fn refuse(&self, refusal: Refusal<'_>) -> Status {
        self.call.refused(refusal);
        refusal.status()
    }
}
