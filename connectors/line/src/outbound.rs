//! Messages out: up to five of LINE's in one call, by the reply token while it is good, which costs nothing, and pushed after
//! that. See <https://developers.line.biz/en/reference/messaging-api/#messages>.

mod action;
mod call;
mod capabilities;
mod card;
mod content;
mod download;
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

/// Where the Messaging API is.
const API: &str = "https://api.line.me";
/// Where what people sent is.
const DATA: &str = "https://api-data.line.me";

/// 2000 calls a second. A bucket gives its burst and what it is filled with in the same time.
/// See <https://developers.line.biz/en/reference/messaging-api/#rate-limits>.
const LIMIT: Limit = Limit { scope: Scope::Account, what: Counted::All, burst: 400, every: Duration::from_micros(625) };

/// The accounts that answer.
#[derive(Debug)]
pub(crate) struct Sender {
    accounts: Accounts,
    api_url: String,
    data_url: String,
}

impl Sender {
    /// Reads `accounts`, `api_url` and `data_url`; nothing where no account has a token.
    pub(crate) fn configure(settings: &mut Section<'_>) -> Option<Self> {
        let accounts = Accounts::read(settings, false);
        let is_id = |id: &str| id.len() == 33 && id.strip_prefix('U').is_some_and(|id| id.bytes().all(is_hex));
        if accounts.iter().any(|(id, _)| !is_id(id)) {
            let wanted =
                "expected user ids of accounts: U and 32 digits, as in Basic settings > Your user ID's bot info";
            settings.fault("accounts", wanted);
        }
        let api_url = address::api(settings, "api_url", API);
        let data_url = address::api(settings, "data_url", DATA);
        (!accounts.is_empty()).then_some(Self { accounts, api_url, data_url })
    }
}

fn is_hex(byte: u8) -> bool {
    byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)
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
        let to = match recipient::of(sending.to) {
            Ok(to) => to,
            Err(refusal) => return Step::Done(refusal.into()),
        };
        match sending.what {
            What::Message(message) => message::step(&self.api_url, sending, to, message, answers),
            What::Typing(_) | What::MarkRead(_) => action::step(&self.api_url, sending, to, answers),
            What::Edit(_) | What::Delete(_) | What::React(_) | What::CommentReply(_) | What::HideComment(_) => {
                Step::Done(Failure::permanent(SendReason::ContentUnsupported, None))
            }
        }
    }

    /// What the token answers no more is pushed.
    fn needs_window(&self, _order: &Order<'_>) -> bool {
        false
    }

    fn limits(&self) -> Vec<Limit> {
        vec![LIMIT]
    }
}
