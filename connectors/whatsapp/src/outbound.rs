//! Sending: messages of all kinds, reactions, and that something was read or is being answered.
//! See <https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages>.

mod action;
mod arrange;
mod capabilities;
mod card;
mod check;
mod contact;
mod content;
mod cut;
mod download;
mod errors;
mod interactive;
mod media;
mod message;
mod pace;
mod plan;
mod recipient;
mod template;
mod window;

use std::time::{Duration, SystemTime};

use connector_meta::{
    app::App,
    graph::{self, Graph},
};
use connector_sdk::{
    Section, address,
    outbound::{Accounts, Answer, Failure, Limit, Order, Outbound, Planned, Refusal, Reply, Sending, Step},
};
use kenh_proto::v1::{Capabilities, SendReason, outbound_action::What};

/// Where the Graph API is.
const GRAPH: &str = "https://graph.facebook.com";
/// Where what people sent is.
const MEDIA: &str = "https://lookaside.fbsbx.com";

/// The numbers that answer.
#[derive(Debug)]
pub(crate) struct Sender {
    graph: Graph,
    accounts: Accounts,
    media_url: String,
    /// Messages a second that Meta takes of one number.
    throughput: u32,
}

impl Sender {
    /// Reads `accounts`, `messages_per_second`, `media_url` and where the Graph API is; nothing where no number has a token.
    pub(crate) fn configure(settings: &mut Section<'_>, app: &App) -> Option<Self> {
        let graph = Graph::configure(settings, GRAPH, true, app);
        let throughput = settings.number("messages_per_second", pace::BOUNDS, pace::THROUGHPUT);
        let accounts = Accounts::read(settings, false);
        if accounts.iter().any(|(id, _)| !id.chars().all(|c| c.is_ascii_digit())) {
            settings.fault("accounts", "expected ids of numbers: digits, as in WhatsApp > API Setup > Phone number ID");
        }
        let throughput = u32::try_from(throughput).unwrap_or(u32::MAX);
        let media_url = address::api(settings, "media_url", MEDIA);
        (!accounts.is_empty()).then_some(Self { graph, accounts, media_url, throughput })
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
            What::React(reaction) => message::react(&self.graph, sending, reaction, answers),
            What::Typing(_) | What::MarkRead(_) => action::step(&self.graph, sending, answers),
            What::Edit(_) | What::Delete(_) | What::CommentReply(_) | What::HideComment(_) => {
                Step::Done(Failure::permanent(SendReason::ContentUnsupported, None))
            }
        }
    }

    fn request_id(&self, reply: &Reply) -> Option<String> {
        graph::request_id(reply)
    }

    fn pause(&self, header: &str, value: &str, _now: SystemTime) -> Option<Duration> {
        graph::pause(header, value)
    }

    fn undelivered(&self, code: Option<&str>) -> Failure {
        graph::undelivered(code, &[errors::WHATSAPP])
    }

    fn limits(&self) -> Vec<Limit> {
        pace::limits(self.throughput)
    }
}
