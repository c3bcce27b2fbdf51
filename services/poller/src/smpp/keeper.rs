//! One bind that receives: who has it, and again after a failure.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use connector_sdk::smsc::{Bind, Smsc};
use kenh_intake::{Endpoint, Intake};
use kenh_runtime::metrics;
use kenh_smpp::{Binds, Gone, Mode, OpenError, Session, Slot, status};
use kenh_store::Store;
use tokio::{sync::mpsc, task::JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use super::parts::Parts;
use crate::{Config, account};

/// A session that lasted longer has worked.
const WORKED: Duration = Duration::from_secs(10);

/// Keeps one bind while it is this process's.
pub(crate) struct Keeper {
    pub(crate) endpoint: Arc<Endpoint>,
    pub(crate) smsc: Arc<Smsc>,
    /// Which of the endpoint's binds it is, from 0.
    pub(crate) number: u32,
    pub(crate) config: Config,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) intake: Intake,
    pub(crate) binds: Binds,
}

/// Why nothing is received.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Problem {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Gone(#[from] Gone),
}

impl Problem {
    /// The name of the status that says that it is refused for who we are.
    fn login_refused(&self) -> Option<&'static str> {
        match self {
            Self::Open(OpenError::Refused { status, .. }) => status::login_refused(*status),
            Self::Open(OpenError::Unreachable(_) | OpenError::Broken(_)) | Self::Gone(_) => None,
        }
    }

    /// As a metric label.
    fn reason(&self) -> &'static str {
        match self {
            Self::Open(OpenError::Unreachable(_)) => "unreachable",
            Self::Open(OpenError::Refused { .. }) => "refused",
            Self::Open(OpenError::Broken(_)) | Self::Gone(Gone::Broken) => "broken",
            Self::Gone(Gone::Unbound) => "unbound",
            Self::Gone(Gone::Cut | Gone::Closed) => "cut",
            Self::Gone(Gone::Silent) => "silent",
        }
    }
}

impl Keeper {
    /// Is bound until told to stop.
    pub(crate) async fn keep(self: Arc<Self>, stop: CancellationToken) {
        let mut tasks = JoinSet::new();
        tasks.spawn(self.clone().stay_bound(stop.clone()));
        if self.number == 0 {
            let keeper = self.clone();
            tasks.spawn(async move { keeper.parts().look_after(&stop).await });
        }
        while tasks.join_next().await.is_some() {}
    }

    fn parts(&self) -> Parts<'_> {
        Parts { endpoint: &self.endpoint, smsc: &self.smsc, store: &*self.store, intake: &self.intake }
    }

    /// Binds, again and again.
    async fn stay_bound(self: Arc<Self>, stop: CancellationToken) {
        let (channel, endpoint, smsc) = (self.endpoint.channel, self.endpoint.name.as_str(), self.smsc.address());
        let transceives = self.smsc.bind == Bind::Transceiver;
        let slot = transceives.then(|| self.binds.slot(&format!("{channel}/{endpoint}"), self.number));
        let (mut failures, mut said) = (0_u32, None);
        while !stop.is_cancelled() {
            let begun = Instant::now();
            let problem = match self.bound(slot.as_ref(), &stop).await {
                Ok(None) => return,
                Ok(Some(gone)) => Problem::from(gone),
                Err(error) => Problem::from(error),
            };
            // Taken and cut off at once is as good as refused.
            let worked = begun.elapsed() > WORKED;
            failures = if worked { 1 } else { failures.saturating_add(1) };
            metrics::BIND_FAILURES.add(1, [("channel", channel), ("reason", problem.reason())]);
            let pause = if let Some(code) = problem.login_refused() {
                account::tell(&self.endpoint, &*self.store, Some(code)).await;
                // Trying a wrong password again and again locks the account.
                self.config.longest_pause
            } else {
                self.config.pause(failures)
            };
            let pause_s = pause.as_secs();
            if said.as_ref() == Some(&problem) && !worked {
                debug!(channel, endpoint, smsc, %problem, pause_s, "still not bound to the message centre");
            } else {
                warn!(channel, endpoint, smsc, %problem, pause_s, "not bound to the message centre, it is tried again");
                said = Some(problem);
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// One session, to its end. `None`: told to stop.
    async fn bound(&self, slot: Option<&Slot>, stop: &CancellationToken) -> Result<Option<Gone>, OpenError> {
        if let Some(slot) = slot {
            slot.opening();
        }
        let mode = if slot.is_some() { Mode::Transceiver } else { Mode::Receiver };
        let opened = tokio::select! {
            () = stop.cancelled() => return Ok(None),
            opened = Session::open(&self.smsc, mode) => opened,
        };
        let (session, delivered) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                if let (Some(slot), OpenError::Refused { pdu, .. }) = (slot, &error) {
                    slot.refused(pdu.clone());
                }
                return Err(error);
            }
        };
        info!(channel = self.endpoint.channel, endpoint = self.endpoint.name, smsc = self.smsc.address(), "bound");
        if let Some(slot) = slot {
            slot.open(session.clone());
        }
        account::tell(&self.endpoint, &*self.store, None).await;
        let gone = self.receive(&session, delivered, stop).await;
        if gone.is_none() {
            session.close().await;
        }
        Ok(gone)
    }

    /// Takes what comes, one behind the other. What is answered is stored; what is not will be sent again.
    async fn receive(
        &self,
        session: &Session,
        mut delivered: mpsc::Receiver<Bytes>,
        stop: &CancellationToken,
    ) -> Option<Gone> {
        let parts = self.parts();
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return None,
                gone = session.over() => return Some(gone),
                pdu = delivered.recv() => match pdu {
                    Some(pdu) => session.answer(&pdu, parts.take(&pdu).await),
                    None => return Some(session.over().await),
                },
            }
        }
    }
}
