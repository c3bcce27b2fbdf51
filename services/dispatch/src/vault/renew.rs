//! Renewing one account's token.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use connector_sdk::{
    Secret,
    outbound::{Answer, Pair, Refresh, RefreshError},
};
use kenh_proto::v1::{ExchangeKind, SendReason};
use kenh_runtime::{clock, metrics};
use tracing::{debug, error, info, warn};

use super::{
    Inner,
    kept::{Kept, Refused, is},
    load::Unloaded,
    slot::{Found, Slot},
};
use crate::exchange::{self, Exchanged};

/// Between two looks whether whoever renews a token is done.
const LOOK: Duration = Duration::from_millis(250);
/// Between two tries to write down what a refresh token was spent for.
const WRITE_AGAIN: Duration = Duration::from_millis(500);

/// What the channel said to one refresh token.
enum Said {
    Pair(Pair),
    /// Nothing that decides anything. Whether the token may be spent.
    Nothing {
        maybe_spent: bool,
    },
    Refused(String),
}

impl Inner {
    /// The lease outlives everything that is done before it is prolonged: two calls at most, and some writing.
    fn lease_time(&self) -> Duration {
        self.timeout * 2 + Duration::from_secs(10)
    }

    /// Takes or prolongs the right to renew an account's token.
    pub(super) async fn lease(&self, slot: &Slot) -> bool {
        let lease = self.store.lease(&lease_of(slot), self.process, self.lease_time()).await;
        matches!(lease, Ok(true))
    }

    pub(super) async fn release(&self, slot: &Slot) {
        if let Err(error) = self.store.release(&lease_of(slot), self.process).await {
            debug!(%error, "a lease is left to its time");
        }
    }

    /// Says how it fares, if that is news.
    pub(super) async fn report(&self, slot: &Slot) {
        let Some(fare) = slot.unreported() else { return };
        let account = format!("{}/{}", slot.endpoint.name, slot.account);
        if self.store.put_renewal(slot.endpoint.channel, &account, &fare).await.is_ok() {
            slot.reported(fare);
        }
    }
}

fn lease_of(slot: &Slot) -> String {
    format!("refresh/{}", slot.name)
}

fn now() -> i64 {
    clock::micros(clock::now())
}

/// Renews a token if it has to be, or waits for whoever does.
pub(super) async fn renew(vault: &Inner, slot: &Slot, refused: Option<&Secret>) {
    let began = Instant::now();
    loop {
        match vault.load(slot).await {
            Ok(_) if !slot.needs_renewal(refused, vault.started, now()) => break slot.rested(),
            Ok(_) => {}
            Err(unloaded) => break unloaded_rest(slot, &unloaded),
        }
        if vault.lease(slot).await {
            match spend(vault, slot, refused).await {
                Ok(true) => slot.rested(),
                Ok(false) => slot.rest(),
                Err(unloaded) => unloaded_rest(slot, &unloaded),
            }
            vault.release(slot).await;
            break;
        }
        // Somebody else has the lease, or died with it.
        if began.elapsed() > vault.lease_time() * 2 || vault.stop.is_cancelled() {
            break slot.rest();
        }
        tokio::time::sleep(LOOK).await;
    }
    vault.report(slot).await;
}

fn unloaded_rest(slot: &Slot, unloaded: &Unloaded) {
    if let Unloaded::Store(error) = unloaded {
        debug!(%error, "a token is renewed when the state store is back");
    }
    slot.rest();
}

/// Spends the refresh token, under the lease. Whether it is settled now.
pub(super) async fn spend(vault: &Inner, slot: &Slot, refused: Option<&Secret>) -> Result<bool, Unloaded> {
    // Again, behind the lease: whoever had it before may have been the one to renew it.
    let found = vault.load(slot).await?;
    let Some(refresh) = slot.refresh() else { return Ok(true) };
    if !slot.needs_renewal(refused, vault.started, now()) {
        return Ok(true);
    }
    let channel = slot.endpoint.channel;
    let unsettled = found.kept.intent.is_some();
    if unsettled {
        warn!(channel, account = slot.name, "a renewal was not finished; its refresh token is tried once more");
    }
    // Written down first: whoever finds it knows that the token may be spent.
    let begun = Kept { intent: Some(now()), ..found.kept.clone() };
    let Some(found) = vault.put(slot, found.version, begun).await? else { return Ok(false) };
    let mut code = String::new();
    // The one before the present one only where nothing has ever worked with the present one.
    for token in [Some(&found.kept.refresh), found.kept.previous.as_ref()].into_iter().flatten() {
        match ask(vault, slot, refresh, token).await {
            Said::Pair(pair) => {
                count(channel, "renewed");
                return Ok(commit(vault, slot, found.clone(), &pair, token).await);
            }
            Said::Nothing { maybe_spent } => {
                if !maybe_spent && !unsettled {
                    let kept = Kept { intent: None, ..found.kept.clone() };
                    vault.put(slot, found.version, kept).await?;
                }
                return Ok(false);
            }
            Said::Refused(said) => code = if code.is_empty() { said } else { code },
        }
    }
    count(channel, "refused");
    error!(
        channel,
        account = slot.name,
        code,
        "the channel refuses to renew the token: give the consent again and configure its refresh_token"
    );
    let kept = Kept { intent: None, refused: Some(Refused { at: now(), code }), ..found.kept.clone() };
    vault.put(slot, found.version, kept).await.map(|put| put.is_some())
}

/// Asks the channel, and once more with the same token if no answer comes.
async fn ask(vault: &Inner, slot: &Slot, refresh: &dyn Refresh, token: &Secret) -> Said {
    let channel = slot.endpoint.channel;
    let mut maybe_spent = false;
    for _ in 0..2 {
        // A process that stops has no time for another try; the next one finds the intent. And for each call: whoever lost
        // the lease meanwhile leaves the token alone.
        if (maybe_spent && vault.stop.is_cancelled()) || !vault.lease(slot).await {
            return Said::Nothing { maybe_spent };
        }
        let call = refresh.call(&slot.account, token);
        let entry = exchange::call(ExchangeKind::Token, &slot.endpoint, &slot.account, &call);
        let answer = vault.caller.call(&call).await;
        let exchanged = Exchanged::answered(entry, &answer, slot.endpoint.connector.outbound());
        let reply = match answer {
            Answer::Reply(reply) => reply,
            Answer::NoReply => {
                exchanged.failed(SendReason::ChannelUnavailable, None, &vault.log);
                maybe_spent = true;
                count(channel, "no_answer");
                warn!(channel, account = slot.name, "no answer to renewing a token");
                continue;
            }
            Answer::NotSent | Answer::NotFetched { .. } | Answer::Fetched { .. } => {
                exchanged.failed(SendReason::ChannelUnavailable, None, &vault.log);
                count(channel, "unreachable");
                return Said::Nothing { maybe_spent };
            }
        };
        return match refresh.read(&reply) {
            Ok(pair) => {
                exchanged.succeeded(&vault.log);
                Said::Pair(pair)
            }
            Err(RefreshError::Passing { code }) => {
                exchanged.failed(SendReason::ChannelUnavailable, Some(code.clone()), &vault.log);
                count(channel, "passing");
                warn!(channel, account = slot.name, code, "the channel cannot renew a token now");
                Said::Nothing { maybe_spent }
            }
            Err(RefreshError::Final { code }) => {
                exchanged.failed(SendReason::AuthBroken, Some(code.clone()), &vault.log);
                Said::Refused(code)
            }
        };
    }
    Said::Nothing { maybe_spent }
}

/// Keeps a new pair, whatever it takes: the refresh token is spent. Nobody has used it before it is kept.
async fn commit(vault: &Inner, slot: &Slot, mut found: Arc<Found>, pair: &Pair, spent: &Secret) -> bool {
    let (channel, account) = (slot.endpoint.channel, &slot.name);
    let mut late = None;
    let at = now();
    loop {
        let renewed = found.kept.renewed(pair, spent, at);
        match vault.put(slot, found.version, renewed).await {
            Ok(Some(kept)) => {
                info!(channel, account, generation = kept.kept.generation, "a token was renewed");
                return true;
            }
            // Somebody else changed it: it may have been sealed anew, or be a new consent.
            Ok(None) => {}
            Err(_) => {
                let since = *late.get_or_insert_with(|| {
                    error!(channel, account, "a renewed token waits in memory for the state store");
                    Instant::now()
                });
                if vault.stop.is_cancelled() && since.elapsed() > vault.timeout {
                    error!(channel, account, "a renewed token is lost: give the consent again");
                    return false;
                }
                tokio::time::sleep(WRITE_AGAIN).await;
                vault.lease(slot).await;
            }
        }
        match vault.load(slot).await {
            Ok(other) if is(&other.kept.refresh, pair.refresh.as_ref()) => return true,
            Ok(other) if is(&other.kept.refresh, Some(&found.kept.refresh)) => found = other,
            Ok(_) => {
                warn!(channel, account, "a renewed token gives way to a new consent");
                return true;
            }
            Err(_) => {}
        }
    }
}

/// Something has worked with the present pair: the one before is not needed any more.
pub(super) async fn proven(vault: &Inner, slot: &Slot, found: &Found) {
    let kept = Kept { previous: None, ..found.kept.clone() };
    // Somebody else changed it: then the next success tells again.
    drop(vault.put(slot, found.version, kept).await);
}

fn count(channel: &'static str, outcome: &'static str) {
    metrics::TOKEN_REFRESHES.add(1, [("channel", channel), ("outcome", outcome)]);
}
