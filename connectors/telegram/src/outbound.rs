//! Messages out, through the Bot API's methods: one call each, more where a file has to be uploaded or a group has got
//! another id. See <https://core.telegram.org/bots/api#available-methods>.

mod action;
mod album;
mod button;
mod call;
mod capabilities;
mod card;
mod chat;
mod content;
mod download;
mod errors;
mod media;
mod message;
mod plan;

use std::time::Duration;

use connector_sdk::{
    Section, address,
    outbound::{Accounts, Answer, Counted, Failure, Limit, Order, Outbound, Planned, Refusal, Scope, Sending, Step},
};
use kenh_proto::v1::{Capabilities, SendReason, outbound_action::What};

use crate::polling::Polling;

/// Where the Bot API is.
const API: &str = "https://api.telegram.org";

/// How fast a bot may call: 30 messages a second, one a second in a chat (some at once are let through), 20 a minute in a
/// group. A bucket gives its burst and what it is filled with in the same time.
/// See <https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this>.
const LIMITS: [Limit; 3] = [
    Limit { scope: Scope::Account, what: Counted::All, burst: 10, every: Duration::from_millis(50) },
    Limit { scope: Scope::Recipient, what: Counted::All, burst: 3, every: Duration::from_secs(1) },
    Limit { scope: Scope::Recipient, what: Counted::Groups, burst: 5, every: Duration::from_secs(4) },
];

/// The sending half of one bot.
#[derive(Debug)]
pub(crate) struct Sender {
    accounts: Accounts,
    api_url: String,
}

impl Sender {
    /// Reads `accounts` and `api_url`; nothing where no token is given.
    pub(crate) fn configure(settings: &mut Section<'_>, bot_id: &str) -> Option<Self> {
        let accounts = Accounts::read(settings, false);
        if accounts.iter().any(|(id, _)| id != bot_id) {
            settings.fault("accounts", "expected the bot of `bot_id` alone: each bot has an endpoint of its own");
        }
        let api_url = address::api(settings, "api_url", API);
        (!accounts.is_empty()).then_some(Self { accounts, api_url })
    }
}

impl Sender {
    /// How the bot is asked for updates.
    pub(crate) fn polling(&self, bot_id: &str) -> Option<Polling> {
        let token = self.accounts.get(bot_id)?.token.clone()?;
        Some(Polling { token, api_url: self.api_url.clone() })
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
        let chat = match chat::Chat::of(sending.to, sending.conversation, sending.options) {
            Ok(chat) => chat,
            Err(refusal) => return Step::Done(refusal.into()),
        };
        let mut caller = call::Caller { api_url: &self.api_url, chat, answers: answers.iter() };
        match sending.what {
            What::Message(message) => message::step(&mut caller, sending, message),
            What::Edit(_) | What::Delete(_) | What::React(_) | What::Typing(_) | What::MarkRead(_) => {
                action::step(&mut caller, sending.what)
            }
            What::CommentReply(_) | What::HideComment(_) => {
                Step::Done(Failure::permanent(SendReason::ContentUnsupported, None))
            }
        }
    }

    /// Whoever started the bot can be written to until they block it.
    fn needs_window(&self, _order: &Order<'_>) -> bool {
        false
    }

    fn limits(&self) -> Vec<Limit> {
        LIMITS.to_vec()
    }
}
