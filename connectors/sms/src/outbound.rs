//! Messages out: one call each, made by the provider's table.

mod answer;
mod call;
mod download;
mod oauth;
mod plan;
mod stringee;

use std::time::Duration;

use connector_sdk::outbound::{
    Accounts, Answer, Counted, Failure, Limit, Order, Outbound, Planned, Refresh, Refusal, Retry, Scope, Sending, Step,
};
use kenh_proto::v1::{Capabilities, Message, SendPurpose, SendReason, outbound_action::What};

use crate::{clock, settings::Settings, smpp};

/// The option that names the provider's kind of message.
pub(crate) const KIND: &str = "sms_type";
/// The option that keeps or takes diacritics, whatever the endpoint says.
pub(crate) const DIACRITICS: &str = "diacritics";

/// The sending half of an endpoint. Boxed settings are the connector's own: it is made on the fly.
#[derive(Debug)]
pub(crate) struct Sender(pub Settings);

impl Outbound for Sender {
    fn accounts(&self) -> &Accounts {
        &self.0.accounts
    }

    fn capabilities(&self) -> Capabilities {
        plan::capabilities(&self.0)
    }

    fn plan(&self, order: &Order<'_>) -> Result<Planned, Refusal> {
        plan::planned(&self.0, order)
    }

    fn step(&self, sending: &Sending<'_>, answers: &[Answer]) -> Step {
        if let Some(answer) = answers.first() {
            return Step::Done(match &self.0.smpp {
                Some(smpp) => smpp::ended(smpp, answer),
                None => answer::ended(&self.0, answer),
            });
        }
        let (Some(message), Ok(to)) = (message(sending.what), plan::recipient(sending.to)) else {
            return Step::Done(Failure::permanent(SendReason::ContentUnsupported, None));
        };
        if let Some(wait) = plan::quiet(sending.purpose, &to, sending.now) {
            return Step::Done(Failure::passing(SendReason::QuietHours, None, Retry::After(wait)));
        }
        match &self.0.smpp {
            Some(smpp) => smpp::step(smpp, sending, message, &to),
            None => Step::Call(call::call(&self.0, sending, message, &to)),
        }
    }

    /// Nobody closes a window on SMS.
    fn needs_window(&self, _order: &Order<'_>) -> bool {
        false
    }

    fn limits(&self) -> Vec<Limit> {
        let requests = self.0.requests_per_minute;
        if requests == 0 {
            return Vec::new();
        }
        let burst = (requests / 10).max(1);
        let every = Duration::from_secs(60) / u32::try_from((requests - burst).max(1)).unwrap_or(u32::MAX);
        let burst = u32::try_from(burst).unwrap_or(u32::MAX);
        vec![Limit { scope: Scope::Endpoint, what: Counted::All, burst, every }]
    }

    fn refresh(&self) -> Option<&dyn Refresh> {
        self.0.provider.sends.oauth.then_some(&self.0 as &dyn Refresh)
    }
}

pub(crate) fn message(what: &What) -> Option<&Message> {
    match what {
        What::Message(message) => Some(message),
        What::Edit(_)
        | What::Delete(_)
        | What::React(_)
        | What::Typing(_)
        | What::MarkRead(_)
        | What::CommentReply(_)
        | What::HideComment(_) => None,
    }
}

/// Whether advertising has to wait, and how long.
fn advertising_waits(purpose: SendPurpose, now: std::time::SystemTime) -> Option<Duration> {
    if purpose == SendPurpose::Promotion { clock::quiet(now) } else { None }
}
