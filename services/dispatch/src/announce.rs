//! Telling how accounts fare: events for subscribers, gauges for operators. Both from the store, so that it does not matter
//! which process sends, renews or pauses.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use kenh_intake::{Endpoint, Endpoints};
use kenh_outbound::{Teller, standing};
use kenh_proto::v1::AccountState;
use kenh_runtime::{clock, metrics};
use kenh_store::{Fare, Store, StoreError};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::debug;
use uuid::Uuid;

/// How often the store is looked into.
const EVERY: Duration = Duration::from_secs(1);
/// One process tells; another one when that is gone for so long.
const LEASE: Duration = Duration::from_secs(10);
const NAME: &str = "accounts";

const STATES: [(AccountState, &str); 4] = [
    (AccountState::Healthy, "healthy"),
    (AccountState::Failing, "failing"),
    (AccountState::AuthBroken, "auth_broken"),
    (AccountState::Paused, "paused"),
];

/// Tells.
pub(crate) struct Announcer {
    pub(crate) endpoints: Arc<Endpoints>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) teller: Teller,
    pub(crate) process: Uuid,
}

/// How one account fares.
struct Account<'a> {
    endpoint: &'a Endpoint,
    id: &'a str,
    fare: Fare,
    state: AccountState,
}

impl Announcer {
    /// Tells until told to stop.
    pub(crate) async fn run(self, mut news: watch::Receiver<u64>, stop: CancellationToken) {
        while !stop.is_cancelled() {
            if let Err(error) = self.look().await {
                debug!(%error, "how accounts fare is told when the state store is back");
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(EVERY) => {}
                changed = news.changed() => if changed.is_err() { break },
            }
        }
        drop(self.store.release(NAME, self.process).await);
    }

    async fn look(&self) -> Result<(), StoreError> {
        let accounts = self.accounts().await?;
        gauges(&accounts);
        let news = |account: &Account<'_>| account.fare.told.open || account.state != told(account.fare.told.state);
        if !accounts.iter().any(news) || !self.store.lease(NAME, self.process, LEASE).await? {
            return Ok(());
        }
        // What is told is written down first: told again, by whoever comes next, it is the same event.
        for account in accounts.iter().filter(|account| !account.fare.told.open && news(account)) {
            let Fare { channel, account: name, told, .. } = &account.fare;
            self.store.tell(channel, name, told.number, account.state.into()).await?;
        }
        for account in self.accounts().await?.iter().filter(|account| account.fare.told.open) {
            let Fare { channel, account: name, told: open, sending, renewal } = &account.fare;
            let code = renewal.refused_code.as_deref().or(sending.last_error_code.as_deref());
            let (before, now) = (self::told(open.before), self::told(open.state));
            if self.teller.account(account.endpoint, account.id, open, (before, now), code).await {
                self.store.told_of(channel, name, open.number).await?;
            }
        }
        Ok(())
    }

    /// All accounts that can send.
    async fn accounts(&self) -> Result<Vec<Account<'_>>, StoreError> {
        let (paused, fares) = (self.store.paused().await?, self.store.fares().await?);
        let mut fares: BTreeMap<_, _> =
            fares.into_iter().map(|fare| ((fare.channel.clone(), fare.account.clone()), fare)).collect();
        let mut all = Vec::new();
        for endpoint in self.endpoints.iter() {
            let accounts = endpoint.connector.outbound().map(|outbound| outbound.accounts().iter());
            for (id, _) in accounts.into_iter().flatten() {
                let key = (endpoint.channel.to_owned(), format!("{}/{id}", endpoint.name));
                let fare = fares.remove(&key).unwrap_or_else(|| Fare {
                    channel: key.0.clone(),
                    account: key.1.clone(),
                    ..Fare::default()
                });
                let state = standing(&fare, paused.contains(&key));
                all.push(Account { endpoint, id, fare, state });
            }
        }
        Ok(all)
    }
}

/// Of what nothing was ever told, one assumes that it can send.
fn told(state: i32) -> AccountState {
    match AccountState::try_from(state) {
        Ok(AccountState::Unspecified) | Err(_) => AccountState::Healthy,
        Ok(state) => state,
    }
}

fn gauges(accounts: &[Account<'_>]) {
    let mut counts: BTreeMap<(&'static str, &'static str), u32> = BTreeMap::new();
    let mut ends: BTreeMap<&'static str, i64> = BTreeMap::new();
    for account in accounts {
        let channel = account.endpoint.channel;
        for (state, label) in STATES {
            *counts.entry((channel, label)).or_default() += u32::from(account.state == state);
        }
        if let Some(end) = account.fare.renewal.token_expires_at {
            ends.entry(channel).and_modify(|first| *first = end.min(*first)).or_insert(end);
        }
    }
    for ((channel, state), count) in counts {
        metrics::ACCOUNTS.set(f64::from(count), [("channel", channel), ("state", state)]);
    }
    let now = clock::micros(clock::now());
    for (channel, end) in ends {
        let seconds = i32::try_from(end.saturating_sub(now) / 1_000_000).unwrap_or(i32::MAX);
        metrics::TOKEN_EXPIRY.set(f64::from(seconds), [("channel", channel)]);
    }
}
