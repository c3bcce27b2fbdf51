//! Posts and private messages out, through the site's API. See <https://docs.discourse.org/>.

mod action;
mod call;
mod capabilities;
mod errors;
mod message;
mod plan;

use std::time::Duration;

use connector_sdk::{
    Section,
    outbound::{Accounts, Answer, Counted, Failure, Limit, Order, Outbound, Planned, Refusal, Scope, Sending, Step},
};
use kenh_proto::v1::{Capabilities, SendReason, outbound_action::What};

/// Calls a minute, where nothing is set: what a site allows a key of its administrators.
const PER_MINUTE: u64 = 60;
const MOST_PER_MINUTE: u64 = 100_000;

/// The sending half of one site.
#[derive(Debug)]
pub(crate) struct Sender {
    accounts: Accounts,
    url: String,
    username: String,
    per_minute: u64,
}

impl Sender {
    /// Reads its settings; nothing where no key is given. The site is the account.
    pub(crate) fn configure(settings: &mut Section<'_>, url: &str) -> Option<Self> {
        let accounts = Accounts::read(settings, false);
        if accounts.iter().any(|(id, _)| id != url) {
            settings.fault("accounts", "expected the address of `site` alone: each site has an endpoint of its own");
        }
        let username = settings.text("api_username");
        let plain = |name: &str| name.len() <= 60 && name.bytes().all(|byte| byte.is_ascii_graphic());
        if !accounts.is_empty() && !username.as_deref().is_some_and(plain) {
            settings.fault("api_username", "expected the user name to write as, which the key may use");
        }
        let per_minute = settings.number("requests_per_minute", 1..=MOST_PER_MINUTE, PER_MINUTE);
        let username = username.unwrap_or_default();
        (!accounts.is_empty()).then(|| Self { accounts, url: url.to_owned(), username, per_minute })
    }

    /// Whoever writes.
    pub(crate) fn username(&self) -> &str {
        &self.username
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
        let mut caller = call::Caller { url: &self.url, username: &self.username, answers: answers.iter() };
        match sending.what {
            What::Message(message) => message::step(&mut caller, sending, message),
            What::CommentReply(reply) => message::answer(&mut caller, reply),
            What::Edit(_) | What::Delete(_) | What::React(_) => action::step(&mut caller, sending.what),
            What::Typing(_) | What::MarkRead(_) | What::HideComment(_) => {
                Step::Done(Failure::permanent(SendReason::ContentUnsupported, None))
            }
        }
    }

    /// A forum has no such time.
    fn needs_window(&self, _order: &Order<'_>) -> bool {
        false
    }

    fn limits(&self) -> Vec<Limit> {
        let filled = u32::try_from(self.per_minute).unwrap_or(u32::MAX);
        let burst = (filled / 6).max(1);
        let every = Duration::from_secs(60) / (filled - burst).max(1);
        vec![Limit { scope: Scope::Account, what: Counted::All, burst, every }]
    }
}
