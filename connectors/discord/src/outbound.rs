//! Messages out: by an interaction's token while it is good, else as the bot.
//! See <https://docs.discord.com/developers/resources/message#create-message>.

mod action;
mod button;
mod call;
mod capabilities;
mod content;
mod errors;
mod message;
mod plan;
mod recipient;

use std::time::Duration;

use connector_sdk::{
    Section, address,
    outbound::{Accounts, Answer, Counted, Failure, Limit, Order, Outbound, Planned, Refusal, Scope, Sending, Step},
};
use kenh_proto::v1::{Capabilities, SendReason, outbound_action::What};

/// Where the API is.
const API: &str = "https://discord.com/api/v10";

/// Five messages in five seconds in a channel, as its answers' headers say, and fifty calls a second of a bot.
/// See <https://docs.discord.com/developers/topics/rate-limits>.
const LIMITS: [Limit; 2] = [
    Limit { scope: Scope::Recipient, what: Counted::All, burst: 3, every: Duration::from_secs(1) },
    Limit { scope: Scope::Account, what: Counted::All, burst: 10, every: Duration::from_millis(25) },
];

/// The application that answers.
#[derive(Debug)]
pub(crate) struct Sender {
    accounts: Accounts,
    api_url: String,
    ephemeral: bool,
}

impl Sender {
    /// Reads `accounts` and `api_url`; nothing where no application has a token. `ephemeral`: what follows an interaction is
    /// shown to whoever did it alone.
    pub(crate) fn configure(settings: &mut Section<'_>, ephemeral: bool) -> Option<Self> {
        let accounts = Accounts::read(settings, false);
        if accounts.iter().any(|(id, _)| !call::is_id(id)) {
            settings.fault("accounts", "expected the id of the application: digits, as the portal shows them");
        }
        let api_url = address::api(settings, "api_url", API);
        (!accounts.is_empty()).then_some(Self { accounts, api_url, ephemeral })
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
        let place = match recipient::Place::of(sending.to) {
            Ok(place) => place,
            Err(refusal) => return Step::Done(refusal.into()),
        };
        let mut caller = call::Caller::new(&self.api_url, sending, answers);
        match sending.what {
            What::Message(message) => message::step(&mut caller, sending, place, message, self.ephemeral),
            What::Edit(_) | What::Delete(_) | What::React(_) | What::Typing(_) => {
                action::step(&mut caller, sending.what, place)
            }
            What::MarkRead(_) | What::CommentReply(_) | What::HideComment(_) => {
                Step::Done(Failure::permanent(SendReason::ContentUnsupported, None))
            }
        }
    }

    /// A bot may write as long as it is let in.
    fn needs_window(&self, _order: &Order<'_>) -> bool {
        false
    }

    /// Any number of messages may follow an interaction.
    fn reply_token_is_single_use(&self) -> bool {
        false
    }

    fn limits(&self) -> Vec<Limit> {
        LIMITS.to_vec()
    }
}
