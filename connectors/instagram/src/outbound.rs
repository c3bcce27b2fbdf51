//! Sending: private messages, what belongs to them, and what an account does with comments.
//! See <https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/messaging-api>.

mod capabilities;
mod content;
mod login;
mod message;
mod permit;
mod plan;
mod reaction;
mod recipient;
mod renewal;

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
    outbound::{
        Accounts, Answer, Failure, Limit, Order, Outbound, Planned, Refresh, Refusal, Reply, Sending, Step, To,
    },
};
use kenh_proto::v1::{Capabilities, SendReason, outbound_action::What};

use self::{login::Login, renewal::Renewal};

/// What comments are answered and hidden with.
const COMMENTS: Words = Words { answers: "replies", hidden: "hide" };

/// The accounts that answer.
#[derive(Debug)]
pub(crate) struct Sender {
    graph: Graph,
    login: Login,
    accounts: Accounts,
    renewal: Option<Renewal>,
}

impl Sender {
    /// Reads `accounts`, `login` and where the API is; nothing where no account has a token.
    pub(crate) fn configure(settings: &mut Section<'_>, app: &App) -> Option<Self> {
        let login = settings.choice("login", login::LOGINS, Login::Instagram);
        let graph = Graph::configure(settings, login.api(), login.is_proven(), app);
        // A Page's token does not end.
        let renews = login == Login::Instagram;
        let accounts = Accounts::read(settings, renews).renewed_by_themselves();
        let renewal = renews.then(|| Renewal::new(graph.root()));
        if accounts.iter().any(|(id, _)| !id.chars().all(|c| c.is_ascii_digit())) {
            settings.fault("accounts", "expected ids of professional accounts: digits, as the webhooks name them");
        }
        (!accounts.is_empty()).then_some(Self { graph, login, accounts, renewal })
    }

    fn action(&self, sending: &Sending<'_>, answers: &[Answer]) -> Step {
        let recipient = match recipient::person(sending.to) {
            Ok(recipient) => recipient,
            Err(refusal) => return Step::Done(refusal.into()),
        };
        let reaction = if let What::React(react) = sending.what { reaction::word(&react.reaction) } else { None };
        let reaction = reaction.unwrap_or_default();
        let sender = self.login.sender(sending.account);
        action::step(&self.graph, Surroundings { sender, recipient, persona: None, reaction }, sending, answers)
    }
}

impl Outbound for Sender {
    fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    fn refresh(&self) -> Option<&dyn Refresh> {
        self.renewal.as_ref().map(|renewal| renewal as &dyn Refresh)
    }

    fn capabilities(&self) -> Capabilities {
        capabilities::all()
    }

    fn plan(&self, order: &Order<'_>) -> Result<Planned, Refusal> {
        plan::plan(order)
    }

    fn step(&self, sending: &Sending<'_>, answers: &[Answer]) -> Step {
        match sending.what {
            What::Message(message) => {
                let sender = self.login.sender(sending.account);
                message::step(&self.graph, sender, sending, message, answers)
            }
            What::Typing(_) | What::MarkRead(_) | What::React(_) => self.action(sending, answers),
            What::CommentReply(_) | What::HideComment(_) | What::Delete(_) => {
                comment::step(&self.graph, COMMENTS, sending, answers)
            }
            What::Edit(_) => Step::Done(Failure::permanent(SendReason::ContentUnsupported, None)),
        }
    }

    /// It applies to people in private. Comments have none, and the author of one may be written to once.
    fn needs_window(&self, order: &Order<'_>) -> bool {
        let writes = matches!(order.what, What::Message(_) | What::Typing(_) | What::React(_));
        writes && matches!(order.to, To::Contact { .. })
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
