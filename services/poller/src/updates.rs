//! Asking a channel for what is new, over HTTP, and again once that is stored.

use std::{sync::Arc, time::Duration};

use connector_sdk::{
    Delivery, ExposeSecret as _,
    polled::{NotTold, Polled, Question, Told},
};
use http::{HeaderMap, HeaderValue, header::CONTENT_TYPE};
use kenh_intake::{Endpoint, Intake};
use kenh_runtime::metrics;
use kenh_store::Store;
use reqwest::{Client, redirect::Policy};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::{Config, account};

/// Between two questions, where the channel does not hold them. What comes meanwhile comes with one answer.
const SELDOM: Duration = Duration::from_millis(200);

/// The client that asks. It follows nobody: the address holds the token.
pub(crate) fn client(config: &Config) -> Result<Client, reqwest::Error> {
    let user_agent = concat!("kenh/", env!("CARGO_PKG_VERSION"));
    Client::builder().connect_timeout(config.timeout).redirect(Policy::none()).user_agent(user_agent).build()
}

/// Asks for one endpoint while that is this process's to do.
pub(crate) struct Updates {
    pub(crate) endpoint: Arc<Endpoint>,
    pub(crate) client: Client,
    pub(crate) config: Config,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) intake: Intake,
}

/// Why nothing is got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Problem {
    #[error("the channel cannot be reached")]
    Unreachable,
    #[error("the channel refuses the token: check it under `accounts`")]
    Refused,
    #[error("another program is told: remove the bot's webhook, and let no other program ask")]
    Elsewhere,
    #[error("the channel wants to be asked later")]
    Later(Option<Duration>),
    #[error("the answer is none of the channel's: check api_url")]
    Unreadable,
    #[error("what is new cannot be stored now")]
    Store,
}

impl Problem {
    /// As a metric label.
    fn reason(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Refused => "refused",
            Self::Elsewhere => "elsewhere",
            Self::Later(_) => "later",
            Self::Unreadable => "unreadable",
            Self::Store => "store",
        }
    }
}

impl From<NotTold> for Problem {
    fn from(not: NotTold) -> Self {
        match not {
            NotTold::Refused => Self::Refused,
            NotTold::Elsewhere => Self::Elsewhere,
            NotTold::Later(after) => Self::Later(after),
            NotTold::Unreadable => Self::Unreadable,
        }
    }
}

async fn rest(until: Instant, stop: &CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep_until(until) => {}
    }
}

impl Updates {
    /// Asks again and again until told to stop.
    pub(crate) async fn keep(self: Arc<Self>, stop: CancellationToken) {
        let Some(polled) = self.endpoint.connector.polled() else { return };
        let (channel, endpoint) = (self.endpoint.channel, self.endpoint.name.as_str());
        info!(channel, endpoint, "asking the channel for what is new");
        // Only what is stored is said to be taken, and only by who stored it: who begins asks for everything that is left.
        let (mut taken, mut failures, mut well) = (None, 0_u32, false);
        while !stop.is_cancelled() {
            let asked = Instant::now();
            let problem = match self.once(polled, &mut taken, &stop).await {
                Ok(()) => {
                    if !well {
                        account::tell(&self.endpoint, &*self.store, None).await;
                    }
                    (failures, well) = (0, true);
                    rest(asked + SELDOM, &stop).await;
                    continue;
                }
                Err(problem) => problem,
            };
            (failures, well) = (failures.saturating_add(1), false);
            metrics::POLL_FAILURES.add(1, [("channel", channel), ("reason", problem.reason())]);
            let pause = match problem {
                Problem::Refused => {
                    account::tell(&self.endpoint, &*self.store, Some("unauthorized")).await;
                    self.config.longest_pause
                }
                // Whoever names no time to speak of is not asked all the time.
                Problem::Later(Some(after)) => after.min(self.config.longest_pause).max(self.config.pause(failures)),
                Problem::Unreachable
                | Problem::Elsewhere
                | Problem::Later(None)
                | Problem::Unreadable
                | Problem::Store => self.config.pause(failures),
            };
            warn!(channel, endpoint, %problem, pause_s = pause.as_secs(), "nothing new can be got");
            rest(Instant::now() + pause, &stop).await;
        }
    }

    /// Asks once, and stores what is new.
    async fn once(
        &self,
        polled: &dyn Polled,
        taken: &mut Option<String>,
        stop: &CancellationToken,
    ) -> Result<(), Problem> {
        let question = polled.ask(taken.as_deref());
        let answer = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            answer = self.ask(polled, &question) => answer,
        };
        let (status, body) = answer?;
        let Told { deliveries, taken: behind } = polled.told(status, &body)?;
        for delivery in deliveries {
            self.take(&delivery).await?;
        }
        if behind.is_some() {
            *taken = behind;
        }
        Ok(())
    }

    async fn ask(&self, polled: &dyn Polled, question: &Question) -> Result<(u16, Vec<u8>), Problem> {
        let url = question.url.replace("{token}", polled.token().expose_secret());
        // Beyond the time it is held the channel has the time of any answer.
        let asked =
            self.client.post(url).timeout(question.held.saturating_add(self.config.timeout)).json(&question.body);
        let mut response = asked.send().await.map_err(|_| Problem::Unreachable)?;
        let (status, mut body) = (response.status().as_u16(), Vec::new());
        while let Some(chunk) = response.chunk().await.map_err(|_| Problem::Unreachable)? {
            if body.len() + chunk.len() > question.largest {
                return Err(Problem::Unreadable);
            }
            body.extend_from_slice(&chunk);
        }
        Ok((status, body))
    }

    async fn take(&self, body: &[u8]) -> Result<(), Problem> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let delivered = self.intake.accept_fetched(&self.endpoint, Delivery { headers: &headers, body }).await;
        let labels = [("channel", self.endpoint.channel), ("outcome", delivered.outcome.label())];
        metrics::DELIVERIES.add(1, labels);
        if delivered.outcome.is_taken() { Ok(()) } else { Err(Problem::Store) }
    }
}
