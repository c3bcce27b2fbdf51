//! One message's turn.

use std::{sync::Arc, time::Duration};

use connector_sdk::outbound::{Accepted, Failure, Outbound as Channel, Outcome, Retry, Waiting};
use kenh_intake::Endpoint;
use kenh_outbound::{Record, failure, template};
use kenh_proto::v1::{SendFailure, SendReason, SendState, outbound_action::What};
use kenh_runtime::{clock, metrics};
use kenh_store::{Hold, Outbound, Phase, Written};
use tracing::{debug, warn};

use crate::{
    accounts::Key,
    piece::{Lost, Piece, Witness},
    sender::{After, Sender},
};

/// A message whose turn it is.
pub(crate) struct Held<'a> {
    pub(crate) sender: &'a Sender,
    pub(crate) outbound: Outbound,
    pub(crate) record: Record,
    pub(crate) endpoint: Arc<Endpoint>,
    pub(crate) account: String,
}

/// Pauses shorter than this are waited for; during longer ones others have their turn.
const SHORT: Duration = Duration::from_millis(500);

/// How often it is looked whether a process is attached again for a channel that needs one.
const UNATTENDED: Duration = Duration::from_secs(1);

/// How long an allowance that does not come back by itself is taken for used up before it is tried again: somebody may have
/// bought more.
const TOP_UP: Duration = Duration::from_secs(300);

/// The end of a turn and of the message.
pub(crate) fn ended(outbound: &Outbound, record: &Record) -> Written {
    Written {
        id: outbound.id,
        turn: outbound.turn,
        phase: Phase::Ended,
        state: record.message.state,
        delay: Duration::ZERO,
        record: record.kept(),
        hold: record.hold(),
        ids: Vec::new(),
    }
}

impl Held<'_> {
    /// Does what there is to do in this turn.
    pub(crate) async fn go(&mut self, taken_over: bool) -> Result<After, Lost> {
        if let Some(piece) = self.record.calling.filter(|_| taken_over) {
            // Whoever had it made a call and did not come to write down its outcome.
            return self.unknown(piece).await;
        }
        if self.outbound.expires_at <= now() {
            let why = if self.paused().await { SendReason::AccountPaused } else { SendReason::Expired };
            return self.end(SendState::Expired, Some(problem(why, None))).await;
        }
        let key = (self.endpoint.channel, self.endpoint.name.clone(), self.account.clone());
        while let Some(index) = self.record.next_piece() {
            if let Some(rest) = self.sender.accounts.rest(&key) {
                return self.wait(rest, SendReason::ChannelUnavailable).await;
            }
            if self.endpoint.connector.by_process().is_some() && !self.sender.processes.sends(self.endpoint.channel) {
                // Nobody tries, so no try is spent: it waits until somebody sends, or its time runs out.
                return self.wait(UNATTENDED, SendReason::ChannelUnavailable).await;
            }
            let Some(action) = self.piece_action(index) else { break };
            if let Some((pause, reason)) = self.hour(&action) {
                return self.wait(pause, reason).await;
            }
            let on = template(&action).to_owned();
            if let Some(pause) = self.sender.accounts.spent(&key, &on) {
                return self.wait(pause, SendReason::QuotaExhausted).await;
            }
            let to = self.record.to();
            if let Err(pause) = self.sender.limits.count(&self.endpoint, &self.account, &to, &action) {
                if pause > SHORT {
                    return self.wait(pause, SendReason::Throttled).await;
                }
                tokio::time::sleep(pause).await;
                continue;
            }
            let outcome = self.send(index, &action).await?;
            metrics::SENT.add(1, [("channel", self.endpoint.channel), ("outcome", label(&outcome))]);
            match outcome {
                Outcome::Accepted(accepted) => {
                    self.sender.accounts.succeeded(&key, &on);
                    self.accepted(index, accepted).await?;
                }
                Outcome::Unknown => return self.unknown(index).await,
                Outcome::Failed(failed) => {
                    self.blame(&key, &on, &failed);
                    return self.failed(index, failed).await;
                }
            }
        }
        self.end(SendState::Accepted, None).await
    }

    /// An operator paused the account.
    async fn paused(&self) -> bool {
        let paused = self.sender.store.paused().await.unwrap_or_default();
        paused.iter().any(|(channel, account)| *channel == self.outbound.channel && *account == self.outbound.account)
    }

    /// How long the channel's rules have it wait though it is due.
    fn hour(&self, what: &What) -> Option<(Duration, SendReason)> {
        let waiting = Waiting { what, purpose: self.record.purpose(), now: clock::now() };
        self.endpoint.connector.outbound()?.wait(&waiting)
    }

    fn piece_action(&self, index: u32) -> Option<What> {
        self.record.pieces.get(usize::try_from(index).ok()?)?.what.clone()
    }

    async fn send(&mut self, index: u32, what: &What) -> Result<Outcome, Lost> {
        let endpoint = self.endpoint.clone();
        let Some(outbound) = endpoint.connector.outbound() else { return Err(Lost) };
        let to = self.record.to();
        self.record.tries = self.record.tries.saturating_add(1);
        self.record.message.attempts = self.record.message.attempts.saturating_add(1);
        let record = self.record.clone();
        let sender = self.sender;
        let account = self.account.clone();
        let piece = Piece {
            endpoint: &endpoint,
            outbound,
            account: &account,
            what,
            to: &to,
            record: &record,
            reference: format!("{}.{index}", self.outbound.id),
            tokens: &*sender.tokens,
            client: &sender.client,
            mailer: &sender.mailer,
            fetcher: &sender.fetcher,
            log: &sender.log,
            binds: &sender.binds,
            timeout: sender.config.timeout,
            processes: &sender.processes,
            exchanged: (self.outbound.id, index, record.message.attempts),
        };
        let mut writing = Writing { held: self, index };
        if endpoint.connector.by_process().is_some() {
            return piece.by_process(sender.config.timeout, &mut writing).await;
        }
        piece.send(&mut writing).await
    }

    /// Writes what stands so far, and keeps the turn.
    async fn write(&mut self, ids: Vec<(String, u32)>) -> Result<bool, Lost> {
        let written = Written {
            phase: Phase::Sending,
            state: SendState::Sending.into(),
            delay: self.sender.config.lease(),
            ids,
            ..ended(&self.outbound, &self.record)
        };
        match self.sender.store.write(&written).await {
            Ok(Some(freed)) => Ok(freed.early),
            Ok(None) => Err(Lost),
            Err(error) => {
                // Not known whether it was written: whoever takes over reads what stands there.
                warn!(%error, "a message's progress cannot be written, it is taken up again");
                Err(Lost)
            }
        }
    }

    async fn accepted(&mut self, index: u32, accepted: Accepted) -> Result<(), Lost> {
        self.record.calling = None;
        self.record.tries = 0;
        if self.endpoint.connector.outbound().is_none_or(<dyn Channel>::reply_token_is_single_use) {
            self.record.reply_token = None;
        }
        let notes = accepted.notes.into_iter().map(|(name, value)| (name.to_owned(), value));
        self.record.message.notes.extend(notes);
        if let Some((_, message)) = self.record.piece(index) {
            message.state = SendState::Accepted.into();
            message.failure = None;
            message.provider_message_ids.clone_from(&accepted.ids);
        }
        self.record.message.failure = None;
        let early = self.write(accepted.ids.into_iter().map(|id| (id, index)).collect()).await?;
        if early {
            // Its receipt was faster than the answer.
            let told = match self.sender.store.given(self.outbound.id).await {
                Ok(given) => self.sender.teller.receipts(&*self.sender.store, &self.outbound, &given).await,
                Err(error) => Err(error),
            };
            if let Err(error) = told {
                debug!(%error, "early receipts are told later");
            }
        }
        Ok(())
    }

    async fn unknown(&mut self, index: u32) -> Result<After, Lost> {
        let why = problem(SendReason::OutcomeUnknown, None);
        if let Some((_, message)) = self.record.piece(index) {
            message.state = SendState::Unknown.into();
            message.failure = Some(why.clone());
        }
        self.end(SendState::Unknown, Some(why)).await
    }

    /// Notes a failure that is the account's, not the message's.
    fn blame(&self, key: &Key, on: &str, failed: &Failure) {
        let (accounts, config, code) = (&self.sender.accounts, &self.sender.config, failed.code.clone());
        if failed.reason == SendReason::AuthBroken {
            accounts.broken(key, code, config);
        } else if failed.reason == SendReason::ChannelUnavailable {
            accounts.failed(key, code, config);
        } else if failed.reason == SendReason::QuotaExhausted {
            let pause = if let Retry::After(pause) = failed.retry { pause } else { TOP_UP };
            accounts.exhausted(key, on, code, pause);
        }
    }

    async fn failed(&mut self, index: u32, failed: Failure) -> Result<After, Lost> {
        let config = &self.sender.config;
        self.record.calling = None;
        let why = failure(&failed);
        if let Some((_, message)) = self.record.piece(index) {
            message.failure = Some(why.clone());
        }
        let pause = match failed.retry {
            Retry::Never => None,
            // Nobody counts how often a token was missing: what ends it is its time.
            Retry::Soon | Retry::NewToken if failed.reason == SendReason::AuthBroken => Some(config.breaker_pause),
            Retry::Soon | Retry::NewToken => Some(config.pause(self.record.tries)),
            Retry::After(pause) => Some(pause.max(Duration::from_millis(100))),
        };
        let spent = self.record.tries >= config.tries && failed.reason != SendReason::AuthBroken;
        match pause {
            Some(pause) if !spent && !self.record.fleeting => {
                self.record.message.failure = Some(why);
                self.put_off(pause, SendState::Retrying).await
            }
            _ => {
                if let Some((_, message)) = self.record.piece(index) {
                    message.state = SendState::Failed.into();
                }
                self.end(SendState::Failed, Some(why)).await
            }
        }
    }

    /// Its turn comes again later, through nothing it did.
    async fn wait(&mut self, pause: Duration, reason: SendReason) -> Result<After, Lost> {
        self.record.message.failure = Some(problem(reason, None));
        self.put_off(pause, SendState::Retrying).await
    }

    async fn put_off(&mut self, pause: Duration, state: SendState) -> Result<After, Lost> {
        let left = u64::try_from(self.outbound.expires_at.saturating_sub(now())).unwrap_or_default();
        self.record.message.state = state.into();
        let by_clock = self
            .record
            .message
            .failure
            .as_ref()
            .is_some_and(|why| matches!(why.reason(), SendReason::QuietHours | SendReason::QuotaExhausted));
        let hold = self.record.hold();
        let written = Written {
            phase: Phase::Waiting,
            // Nobody's answer waits for the morning, or for the next day's allowance, because a template does.
            hold: if by_clock && hold == Hold::Order { Hold::Nobody } else { hold },
            state: state.into(),
            // It is ended when its time runs out, not when it would have been tried again.
            delay: pause.min(Duration::from_micros(left)),
            ..ended(&self.outbound, &self.record)
        };
        match self.sender.store.write(&written).await {
            Ok(freed) => Ok(freed.and_then(|freed| freed.next).map_or(After::Nothing, After::Next)),
            Err(_) => Err(Lost),
        }
    }

    async fn end(&mut self, state: SendState, why: Option<SendFailure>) -> Result<After, Lost> {
        self.record.message.state = state.into();
        self.record.message.failure = why;
        self.record.calling = None;
        // Told first: a process that dies in between leaves it to the next one, which tells the same event again.
        if !self.sender.teller.state(&self.outbound, &self.record).await {
            return Err(Lost);
        }
        match self.sender.store.write(&ended(&self.outbound, &self.record)).await {
            Ok(Some(freed)) => Ok(freed.next.map_or(After::Nothing, After::Next)),
            Ok(None) | Err(_) => Err(Lost),
        }
    }
}

/// Writes down that a call is being made.
struct Writing<'a, 'b> {
    held: &'a mut Held<'b>,
    index: u32,
}

impl Witness for Writing<'_, '_> {
    async fn calling(&mut self) -> Result<(), Lost> {
        self.held.record.calling = Some(self.index);
        self.held.write(Vec::new()).await.map(drop)
    }
}

fn now() -> i64 {
    let since = clock::now().duration_since(std::time::SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

fn problem(reason: SendReason, code: Option<String>) -> SendFailure {
    failure(&Failure { reason, code, retry: Retry::Soon })
}

fn label(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Accepted(_) => "accepted",
        Outcome::Unknown => "unknown",
        Outcome::Failed(Failure { reason: SendReason::AuthBroken, .. }) => "auth_broken",
        Outcome::Failed(Failure { reason: SendReason::WindowClosed, .. }) => "window_closed",
        Outcome::Failed(Failure { retry: Retry::Never, .. }) => "rejected_permanent",
        Outcome::Failed(_) => "rejected_retryable",
    }
}
