//! Messages out, through the Web API: one call each, more where a chat has to be opened or a file uploaded.
//! See <https://docs.slack.dev/reference/methods/chat.postMessage>.

mod action;
mod block;
mod call;
mod capabilities;
mod card;
mod content;
mod download;
mod emoji;
mod errors;
mod markup;
mod message;
mod plan;
mod recipient;
mod upload;

use std::time::Duration;

use connector_sdk::{
    Section, address,
    outbound::{Accounts, Answer, Counted, Failure, Limit, Order, Outbound, Planned, Refusal, Scope, Sending, Step},
};
use kenh_proto::v1::{Capabilities, SendReason, outbound_action::What};

/// Where the Web API is.
const API: &str = "https://slack.com/api";
/// Where what people sent is.
const FILES: &str = "https://files.slack.com";

/// About one message a second in a channel, some at once are let through.
/// See <https://docs.slack.dev/apis/web-api/rate-limits#posting-messages>.
const LIMIT: Limit = Limit { scope: Scope::Recipient, what: Counted::All, burst: 3, every: Duration::from_secs(1) };

/// The workspaces in which the app answers.
#[derive(Debug)]
pub(crate) struct Sender {
    accounts: Accounts,
    api_url: String,
    files_url: String,
}

impl Sender {
    /// Reads `accounts`, `api_url` and `files_url`; nothing where no workspace has a token.
    pub(crate) fn configure(settings: &mut Section<'_>) -> Option<Self> {
        let accounts = Accounts::read(settings, false);
        let plain = |id: &str| id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if accounts.iter().any(|(id, _)| !plain(id) || !id.starts_with(['T', 'E'])) {
            settings.fault("accounts", "expected ids of workspaces: T and digits and capitals, as events have them");
        }
        let api_url = address::api(settings, "api_url", API);
        let files_url = address::api(settings, "files_url", FILES);
        (!accounts.is_empty()).then_some(Self { accounts, api_url, files_url })
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
        let place = match recipient::Place::of(sending.to, sending.conversation) {
            Ok(place) => place,
            Err(refusal) => return Step::Done(refusal.into()),
        };
        let mut caller = call::Caller { api_url: &self.api_url, answers: answers.iter() };
        let channel = match place.channel(&mut caller) {
            Ok(channel) => channel,
            Err(stop) => return stop.into(),
        };
        match sending.what {
            What::Message(message) => message::step(&mut caller, sending, &channel, message),
            What::Edit(_) | What::Delete(_) | What::React(_) => action::step(&mut caller, sending.what, &channel),
            What::Typing(_) | What::MarkRead(_) | What::CommentReply(_) | What::HideComment(_) => {
                Step::Done(Failure::permanent(SendReason::ContentUnsupported, None))
            }
        }
    }

    /// Slack has no such time.
    fn needs_window(&self, _order: &Order<'_>) -> bool {
        false
    }

    fn limits(&self) -> Vec<Limit> {
        vec![LIMIT]
    }
}
