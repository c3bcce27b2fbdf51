//! One piece, from its first step to its outcome.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use connector_sdk::{
    Secret,
    outbound::{Answer, Effect, Failure, Outbound, Outcome, Retry, Sending, Step, To, Window},
};
use kenh_channel_log::{ChannelLog, Entry};
use kenh_intake::Endpoint;
use kenh_process::Switchboard;
use kenh_proto::v1::{ExchangeKind, SendReason, outbound_action::What};
use kenh_runtime::clock;
use kenh_smpp::Binds;
use uuid::Uuid;

use crate::{
    exchange::{self, Exchanged},
    fetch::Fetcher,
    http::Client,
    smtp::Mailer,
    tokens::{TokenError, Tokens},
};

/// Steps a piece may take: more is a fault of the connector.
const MOST_STEPS: usize = 16;

/// Everything a piece needs.
pub(crate) struct Piece<'a> {
    pub(crate) endpoint: &'a Arc<Endpoint>,
    pub(crate) outbound: &'a dyn Outbound,
    pub(crate) account: &'a str,
    pub(crate) what: &'a What,
    pub(crate) to: &'a To,
    pub(crate) record: &'a kenh_outbound::Record,
    pub(crate) reference: String,
    pub(crate) tokens: &'a dyn Tokens,
    pub(crate) client: &'a Client,
    pub(crate) mailer: &'a Mailer,
    pub(crate) fetcher: &'a Fetcher,
    pub(crate) log: &'a ChannelLog,
    pub(crate) binds: &'a Binds,
    pub(crate) timeout: Duration,
    pub(crate) processes: &'a Switchboard,
    /// For the channel log: the message, which piece of it, which attempt.
    pub(crate) exchanged: (Uuid, u32, u32),
}

/// Written down before a call that somebody sees. An error: the turn is over, the call must not be made.
pub(crate) trait Witness {
    /// The call is about to be made.
    async fn calling(&mut self) -> Result<(), Lost>;
}

/// The message is not this dispatcher's any more.
#[derive(Debug)]
pub(crate) struct Lost;

impl Piece<'_> {
    /// Steps it to its end.
    pub(crate) async fn send(&self, witness: &mut impl Witness) -> Result<Outcome, Lost> {
        let token = match self.tokens.token(self.endpoint, self.account).await {
            Ok(token) => token,
            Err(error) => return Ok(tokenless(error)),
        };
        let outcome = self.steps(&token, witness).await?;
        let Outcome::Failed(Failure { reason, code, retry: Retry::NewToken }) = outcome else {
            return Ok(self.noted(&token, outcome));
        };
        // The channel refused the token, so nobody has seen anything: the call is made once more with a new one.
        let token = match self.tokens.renewed(self.endpoint, self.account, &token).await {
            Ok(token) => token,
            Err(TokenError::Passing) => return Ok(tokenless(TokenError::Passing)),
            Err(TokenError::Broken { code: other }) => {
                return Ok(tokenless(TokenError::Broken { code: code.or(other) }));
            }
        };
        let outcome = self.steps(&token, witness).await?;
        Ok(match self.noted(&token, outcome) {
            Outcome::Failed(Failure { code, retry: Retry::NewToken, .. }) => tokenless(TokenError::Broken { code }),
            outcome @ (Outcome::Accepted(_) | Outcome::Unknown) => outcome,
            Outcome::Failed(failure) => Outcome::Failed(Failure {
                reason: if failure.reason == SendReason::Unspecified { reason } else { failure.reason },
                ..failure
            }),
        })
    }

    /// Whether the channel's time for answering is open now, as was known when it was submitted.
    fn window(&self) -> Window {
        self.record.policy.as_ref().map_or(Window::Unknown, |policy| Window::of(policy, clock::now()))
    }

    /// The token an answer may use, which is good only as long as answering costs nothing, where the channel says until when.
    pub(crate) fn reply_token(&self) -> Option<&str> {
        let until = self.record.policy.as_ref().and_then(|policy| policy.free_until);
        let over = until.and_then(|until| SystemTime::try_from(until).ok()).is_some_and(|until| until <= clock::now());
        self.record.reply_token.as_deref().filter(|_| !over)
    }

    /// It, on its way.
    pub(crate) fn sending<'b>(&'b self, token: &'b Secret, reply_token: Option<&'b str>) -> Sending<'b> {
        Sending {
            what: self.what,
            to: self.to,
            account: self.account,
            role: self.record.role(),
            purpose: self.record.purpose(),
            window: self.window(),
            options: &self.record.options,
            conversation: self.record.conversation_id(),
            answered: self.record.answered.as_ref(),
            reference: &self.reference,
            piece: (self.exchanged.1, u32::try_from(self.record.pieces.len()).unwrap_or(u32::MAX)),
            reply_token,
            reply_address: self.record.policy.as_ref().and_then(|policy| policy.reply_address.as_deref()),
            token,
            now: clock::now(),
        }
    }

    fn noted(&self, token: &Secret, outcome: Outcome) -> Outcome {
        if matches!(outcome, Outcome::Accepted(_)) {
            self.tokens.worked(self.endpoint, self.account, token);
        }
        outcome
    }

    async fn steps(&self, token: &Secret, witness: &mut impl Witness) -> Result<Outcome, Lost> {
        let mut answers: Vec<Answer> = Vec::new();
        // What the last answer meant is known by what the connector wants next.
        let mut last: Option<Exchanged> = None;
        // Once for all steps: with and without it the same answers would mean different things.
        let reply_token = self.reply_token();
        while answers.len() < MOST_STEPS {
            let sending = self.sending(token, reply_token);
            let step = self.outbound.step(&sending, &answers);
            if let Some(exchanged) = last.take() {
                exchanged.judged(&step, self.log);
            }
            let (entry, answer) = match step {
                Step::Done(outcome) => return Ok(outcome),
                Step::Fetch { url, max_bytes } => {
                    let entry = exchange::file(self.endpoint, self.account, &url);
                    (entry, self.fetcher.fetch(&url, max_bytes).await)
                }
                Step::Mail(mail) => {
                    witness.calling().await?;
                    let entry = exchange::mail(self.endpoint, self.account, &mail);
                    (entry, self.mailer.send(&mail, token).await)
                }
                Step::ShortMessage(message) => {
                    witness.calling().await?;
                    let entry = exchange::short_message(self.endpoint, self.account, &message);
                    let endpoint = format!("{}/{}", self.endpoint.channel, self.endpoint.name);
                    (entry, self.binds.submit(&endpoint, &message, self.timeout).await)
                }
                Step::Call(call) => {
                    if call.effect == Effect::Visible {
                        witness.calling().await?;
                    }
                    let entry = exchange::call(ExchangeKind::Send, self.endpoint, self.account, &call);
                    let call = call.with_reply_token(reply_token);
                    let (answer, request_bytes) = self.client.call(&call, token, self.outbound).await;
                    (Entry { request_bytes, ..entry }, answer)
                }
            };
            let entry = Entry { message: Some(self.exchanged), ..entry };
            last = Some(Exchanged::answered(entry, &answer, Some(self.outbound)));
            answers.push(answer);
        }
        if let Some(exchanged) = last {
            exchanged.succeeded(self.log);
        }
        tracing::error!(channel = self.endpoint.channel, "a connector takes too many steps for one message");
        Ok(Failure::permanent(SendReason::ContentUnsupported, None))
    }
}

/// Without a token nothing was sent.
fn tokenless(error: TokenError) -> Outcome {
    match error {
        TokenError::Broken { code } => Failure::passing(SendReason::AuthBroken, code, Retry::Soon),
        TokenError::Passing => Failure::passing(SendReason::ChannelUnavailable, None, Retry::Soon),
    }
}
