//! Messages out: consultation, groups, anonymous visitors, reactions, templates by user id and by phone number.
//!
//! `plan` refuses and fits ([`check`], [`plan`]); `step` is one call, or for a file that has to be uploaded up to three:
//! fetch, upload, send. Versions of the API differ between families of endpoints, and stay as they are on purpose.

mod buttons;
mod call;
mod capabilities;
mod check;
mod clock;
mod consult;
mod errors;
mod media;
mod mention;
mod phone;
mod plan;
mod reaction;
mod recipient;
mod renewal;
mod reply;
mod settings;
mod structured;
mod template;
mod upload;
mod wording;

use std::time::Duration;

use connector_sdk::{
    Secret,
    outbound::{
        Accounts, Answer, Counted, Failure, Limit, Order, Outbound, Planned, Refresh, Refusal, Scope, Sending, Step,
        Waiting,
    },
};
use kenh_proto::v1::{Capabilities, Message, SendPurpose, SendReason, outbound_action::What, part::Content};

use self::{call::Caller, recipient::Recipient, renewal::Renewal};

/// The sending half of one Zalo app.
#[derive(Debug)]
pub(crate) struct Sender {
    accounts: Accounts,
    app_secret: Option<Secret>,
    appsecret_proof: bool,
    renewal: Option<Renewal>,
    api_url: String,
    business_url: String,
    zns_development: bool,
    cards_and_buttons: bool,
    requests_per_minute: u64,
    account_requests_per_minute: u64,
}

impl Outbound for Sender {
    fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    fn capabilities(&self) -> Capabilities {
        capabilities::all(self.cards_and_buttons)
    }

    fn plan(&self, order: &Order<'_>) -> Result<Planned, Refusal> {
        let conversation = order.options.get(recipient::CONVERSATION).map(String::as_str).or(order.conversation);
        let to = Recipient::of(order.to, conversation)?;
        plan::planned(order, &to, self.cards_and_buttons)
    }

    fn step(&self, sending: &Sending<'_>, answers: &[Answer]) -> Step {
        let conversation = sending.options.get(recipient::CONVERSATION).map(String::as_str).or(sending.conversation);
        let to = match Recipient::of(sending.to, conversation) {
            Ok(to) => to,
            Err(refusal) => return Step::Done(Failure::permanent(refusal.reason, None)),
        };
        let caller = Caller { sender: self, sending };
        match sending.what {
            What::Message(message) => match template::of(message) {
                Some(template) => template::step(caller, &to, template, answers),
                None => consult::step(caller, &to, message, answers),
            },
            What::React(react) => reaction::step(caller, &to, react, answers),
            What::Edit(_)
            | What::Delete(_)
            | What::Typing(_)
            | What::MarkRead(_)
            | What::CommentReply(_)
            | What::HideComment(_) => Step::Done(Failure::permanent(SendReason::ContentUnsupported, None)),
        }
    }

    /// Consultation messages to users alone: groups may be written to at all times, and for visitors and reactions no
    /// window is published.
    fn needs_window(&self, order: &Order<'_>) -> bool {
        let What::Message(message) = order.what else { return false };
        matches!(Recipient::of(order.to, order.conversation), Ok(Recipient::User(_))) && is_consultation(message)
    }

    fn wait(&self, waiting: &Waiting<'_>) -> Option<(Duration, SendReason)> {
        let quiet = waiting.purpose == SendPurpose::Promotion && clock::is_quiet(waiting.now);
        quiet.then(|| (clock::to_morning(waiting.now), SendReason::QuietHours))
    }

    fn limits(&self) -> Vec<Limit> {
        let limit = |scope, requests: u64| {
            let burst = (requests / 10).max(1);
            let every = Duration::from_secs(60) / u32::try_from((requests - burst).max(1)).unwrap_or(u32::MAX);
            Limit { scope, what: Counted::All, burst: u32::try_from(burst).unwrap_or(u32::MAX), every }
        };
        let account = Some(self.account_requests_per_minute).filter(|requests| *requests > 0);
        let account = account.map(|requests| limit(Scope::Account, requests));
        [limit(Scope::Endpoint, self.requests_per_minute)].into_iter().chain(account).collect()
    }

    fn refresh(&self) -> Option<&dyn Refresh> {
        self.renewal.as_ref().map(|renewal| renewal as &dyn Refresh)
    }
}

/// Whether some of it is no approved template.
fn is_consultation(message: &Message) -> bool {
    let is_approved = |content: &Content| match content {
        Content::Template(template) => !template::asks_for_details(template),
        Content::Media(_)
        | Content::Location(_)
        | Content::ContactCard(_)
        | Content::Card(_)
        | Content::Carousel(_)
        | Content::List(_)
        | Content::Choices(_)
        | Content::Order(_)
        | Content::Poll(_)
        | Content::Link(_)
        | Content::Sticker(_)
        | Content::Story(_)
        | Content::Product(_)
        | Content::Appointment(_)
        | Content::Unknown(_) => false,
    };
    message.text.as_ref().is_some_and(|text| !text.body.is_empty())
        || message.parts.iter().filter_map(|part| part.content.as_ref()).any(|content| !is_approved(content))
}
