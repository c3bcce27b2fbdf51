//! Messages out: one call each. Viber answers every call with status 200; the body says whether it took it.
//! See <https://developers.viber.com/docs/api/rest-bot-api/#send-message>.

mod capabilities;
mod card;
mod content;
mod errors;
mod keyboard;
mod message;
mod plan;

use std::time::Duration;

use connector_sdk::{
    Section, address,
    outbound::{Accounts, Answer, Counted, Failure, Limit, Order, Outbound, Planned, Refusal, Scope, Sending, Step},
};
use kenh_proto::v1::{Capabilities, SendReason, outbound_action::What};

/// Where the REST API is.
const API: &str = "https://chatapi.viber.com/pa";
/// Calls a second, where nothing is set: Viber publishes a rate for broadcasts alone, 500 recipients in ten seconds.
const PER_SECOND: u64 = 50;
const MOST_PER_SECOND: u64 = 10_000;
/// Characters of the sender's name at most.
const LONGEST_NAME: usize = 28;

/// The sending half of one bot.
#[derive(Debug)]
pub(crate) struct Sender {
    accounts: Accounts,
    api_url: String,
    name: String,
    avatar: Option<String>,
    per_second: u64,
}

impl Sender {
    /// Reads its settings; nothing where no token is given.
    pub(crate) fn configure(settings: &mut Section<'_>, account_id: &str) -> Option<Self> {
        let accounts = Accounts::read(settings, false);
        if accounts.iter().any(|(id, _)| id != account_id) {
            settings.fault("accounts", "expected the bot of `account_id` alone: each bot has an endpoint of its own");
        }
        let name = settings.text("sender_name");
        if name.as_ref().is_none_or(|name| name.chars().count() > LONGEST_NAME) && !accounts.is_empty() {
            settings.fault("sender_name", format!("expected the name people see, of 1 to {LONGEST_NAME} characters"));
        }
        let avatar = settings.text("sender_avatar");
        if avatar.as_deref().is_some_and(|url| !address::is_web(url)) {
            settings.fault("sender_avatar", "expected the address of a picture");
        }
        let api_url = address::api(settings, "api_url", API);
        let per_second = settings.number("requests_per_second", 1..=MOST_PER_SECOND, PER_SECOND);
        let name = name.unwrap_or_default();
        (!accounts.is_empty()).then_some(Self { accounts, api_url, name, avatar, per_second })
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
        plan::planned(order)
    }

    fn step(&self, sending: &Sending<'_>, answers: &[Answer]) -> Step {
        match sending.what {
            What::Message(message) => message::step(self, sending, message, answers),
            What::Edit(_)
            | What::Delete(_)
            | What::React(_)
            | What::Typing(_)
            | What::MarkRead(_)
            | What::CommentReply(_)
            | What::HideComment(_) => Step::Done(Failure::permanent(SendReason::ContentUnsupported, None)),
        }
    }

    /// Whoever subscribed can be written to until they unsubscribe.
    fn needs_window(&self, _order: &Order<'_>) -> bool {
        false
    }

    /// A bucket gives its burst and what it is filled with in the same time.
    fn limits(&self) -> Vec<Limit> {
        let burst = (self.per_second / 5).max(1);
        let filled = u32::try_from((self.per_second - burst).max(1)).unwrap_or(u32::MAX);
        let burst = u32::try_from(burst).unwrap_or(u32::MAX);
        vec![Limit { scope: Scope::Account, what: Counted::All, burst, every: Duration::from_secs(1) / filled }]
    }
}
