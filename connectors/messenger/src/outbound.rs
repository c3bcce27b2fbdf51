//! Sending: private messages, what belongs to them, and what a Page does with comments.
//! See <https://developers.facebook.com/docs/messenger-platform/reference/send-api>.

mod capabilities;
mod content;
mod message;
mod permit;
mod plan;
mod recipient;
mod utility;

use std::time::{Duration, SystemTime};

use connector_meta::{
    app::App,
    graph::{self, Graph},
    send::{
        action::{self, Surroundings},
        comment::{self, Words},
        pace::LIMITS,
    },
};
use connector_sdk::{
    Section,
    outbound::{Accounts, Answer, Failure, Limit, Order, Outbound, Planned, Refusal, Reply, Sending, Step, To},
};
use kenh_proto::v1::{Capabilities, SendReason, outbound_action::What};

use self::capabilities::PERSONA_ID;

/// Where the Graph API is.
const GRAPH: &str = "https://graph.facebook.com";

/// What comments are answered and hidden with.
const COMMENTS: Words = Words { answers: "comments", hidden: "is_hidden" };

/// The Pages that answer.
#[derive(Debug)]
pub(crate) struct Sender {
    graph: Graph,
    accounts: Accounts,
}

impl Sender {
    /// Reads `accounts` and where the Graph API is; nothing where no Page has a token.
    pub(crate) fn configure(settings: &mut Section<'_>, app: &App) -> Option<Self> {
        let graph = Graph::configure(settings, GRAPH, true, app);
        let accounts = Accounts::read(settings, false);
        if accounts.iter().any(|(id, _)| !id.chars().all(|c| c.is_ascii_digit())) {
            settings.fault("accounts", "expected ids of Pages: digits, as in About > Page transparency");
        }
        (!accounts.is_empty()).then_some(Self { graph, accounts })
    }

    fn action(&self, sending: &Sending<'_>, answers: &[Answer]) -> Step {
        let recipient = match recipient::person(sending.to) {
            Ok(recipient) => recipient,
            Err(refusal) => return Step::Done(refusal.into()),
        };
        let reaction = if let What::React(react) = sending.what { &react.reaction } else { "" };
        let persona = sending.options.get(PERSONA_ID).map(String::as_str);
        action::step(
            &self.graph,
            Surroundings { sender: sending.account, recipient, persona, reaction },
            sending,
            answers,
        )
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
        plan::plan(order)
    }

    fn step(&self, sending: &Sending<'_>, answers: &[Answer]) -> Step {
        match sending.what {
            What::Message(message) => message::step(&self.graph, sending, message, answers),
            What::Typing(_) | What::MarkRead(_) | What::React(_) => self.action(sending, answers),
            What::CommentReply(_) | What::HideComment(_) | What::Delete(_) => {
                comment::step(&self.graph, COMMENTS, sending, answers)
            }
            What::Edit(_) => Step::Done(Failure::permanent(SendReason::ContentUnsupported, None)),
        }
    }

    /// It applies to whom the Page knows by a PSID. The others gave leave in another way, which has its own end; and
    /// templates and comments have no window.
    fn needs_window(&self, order: &Order<'_>) -> bool {
        let writes = match order.what {
            What::Message(message) => utility::of(message).is_none(),
            What::Typing(_) | What::React(_) => true,
            What::MarkRead(_) | What::CommentReply(_) | What::HideComment(_) | What::Delete(_) | What::Edit(_) => false,
        };
        writes && matches!(order.to, To::Contact { scheme, .. } if scheme == recipient::PSID)
    }

    fn request_id(&self, reply: &Reply) -> Option<String> {
        graph::request_id(reply)
    }

    fn pause(&self, header: &str, value: &str, _now: SystemTime) -> Option<Duration> {
        graph::pause(header, value)
    }

    fn limits(&self) -> Vec<Limit> {
        LIMITS.to_vec()
    }
}
