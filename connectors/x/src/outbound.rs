//! Direct messages, answers to posts, hiding and deleting, through version 2 of the API.
//!
//! X signs calls of users by OAuth 1.0a or takes OAuth 2.0 tokens. It is the second here: the first needs a secret of the
//! account's and a nonce in every call, and nothing of it renews itself.
//! See <https://docs.x.com/x-api/direct-messages/manage/integrate>.

mod call;
mod capabilities;
mod download;
mod errors;
mod message;
mod plan;
mod post;
mod renewal;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use connector_sdk::{
    Section, address,
    outbound::{
        Accounts, Answer, Counted, Failure, Limit, Order, Outbound, Planned, Refresh, Refusal, Scope, Sending, Step,
    },
};
use kenh_proto::v1::{Capabilities, SendReason, outbound_action::What};

/// Whether an address is one of a direct message's file.
pub(crate) fn is_direct(url: &str) -> bool {
    download::direct(url).is_some()
}

/// Where the API is.
const API: &str = "https://api.x.com";
/// Direct messages in a quarter of an hour, where nothing is set: the smallest number X publishes for paid tiers is 15, for
/// one-to-one messages of one account.
const PER_WINDOW: u64 = 15;
const MOST_PER_WINDOW: u64 = 100_000;
const WINDOW: Duration = Duration::from_secs(15 * 60);
/// Longest pause a header may ask for: a window is a quarter of an hour, the daily limits of some tiers a day.
const LONGEST_PAUSE: u64 = 24 * 60 * 60;

/// The accounts that answer.
#[derive(Debug)]
pub(crate) struct Sender {
    accounts: Accounts,
    api_url: String,
    renewal: Option<renewal::Renewal>,
    post_length: usize,
    per_window: u64,
}

impl Sender {
    /// Reads its settings; nothing where no account is named.
    pub(crate) fn configure(settings: &mut Section<'_>) -> Option<Self> {
        let accounts = Accounts::read(settings, true);
        if accounts.iter().any(|(id, _)| !call::is_id(id)) {
            settings.fault("accounts", "expected ids of users: digits, as events have them, not their @names");
        }
        let api_url = address::api(settings, "api_url", API);
        let renewal = renewal::Renewal::configure(settings, &api_url);
        if renewal.is_none() && accounts.iter().any(|(_, account)| account.refresh_token.is_some()) {
            settings.fault("client_id", "is required to renew tokens: an account has a refresh_token");
        }
        let post_length = settings.number("post_length", 1..=25_000, 280);
        let per_window = settings.number("messages_per_15_minutes", 1..=MOST_PER_WINDOW, PER_WINDOW);
        let post_length = usize::try_from(post_length).unwrap_or(usize::MAX);
        (!accounts.is_empty()).then_some(Self { accounts, api_url, renewal, post_length, per_window })
    }
}

impl Outbound for Sender {
    fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    fn capabilities(&self) -> Capabilities {
        capabilities::all()
    }

    fn plan(&self, order: &Order<'_>) -> Result<Planned, Refusal> {
        plan::planned(order, self.post_length)
    }

    fn step(&self, sending: &Sending<'_>, answers: &[Answer]) -> Step {
        let mut caller = call::Caller { api_url: &self.api_url, answers: answers.iter() };
        match sending.what {
            What::Message(message) => message::step(&mut caller, sending, message),
            What::CommentReply(_) | What::HideComment(_) | What::Delete(_) => post::step(&mut caller, sending.what),
            What::Edit(_) | What::React(_) | What::Typing(_) | What::MarkRead(_) => {
                Step::Done(Failure::permanent(SendReason::ContentUnsupported, None))
            }
        }
    }

    /// Whom an account may write to is the recipient's choice; X has no time for it.
    fn needs_window(&self, _order: &Order<'_>) -> bool {
        false
    }

    /// X names the moment when its window begins anew, with every answer: only where nothing is left, it has to be waited for,
    /// and that is what an error says.
    fn pause(&self, header: &str, value: &str, now: SystemTime) -> Option<Duration> {
        let at = (header == "x-rate-limit-reset").then(|| value.trim().parse::<u64>().ok()).flatten()?;
        let now = now.duration_since(UNIX_EPOCH).ok()?.as_secs();
        Some(Duration::from_secs(at.checked_sub(now)?.min(LONGEST_PAUSE)))
    }

    fn limits(&self) -> Vec<Limit> {
        let filled = u32::try_from(self.per_window).unwrap_or(u32::MAX);
        let burst = (filled / 3).max(1);
        let every = WINDOW / (filled - burst).max(1);
        vec![Limit { scope: Scope::Account, what: Counted::Messages, burst, every }]
    }

    fn refresh(&self) -> Option<&dyn Refresh> {
        self.renewal.as_ref().map(|renewal| renewal as &dyn Refresh)
    }
}
