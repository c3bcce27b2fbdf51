//! By what right something is sent: Meta wants to be told.
//! See <https://developers.facebook.com/docs/messenger-platform/policy/policy-overview>.

use connector_sdk::outbound::{Refusal, To, Window};
use kenh_proto::v1::{Message, SendPurpose, SendReason, SenderRole};
use serde_json::{Map, json};

use super::{recipient::PSID, utility};

/// What a message is sent as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Permit {
    /// Within the window, to what the person wrote.
    Response,
    /// Within the window, on the business's own account.
    Update,
    /// After it, by a person, for seven days. The other tags were retired in 2026: whatever carries one is refused.
    HumanAgent,
    /// At any time, with a template for utility messages.
    Utility,
    /// The recipient says it: a comment, a post, a subscription to news.
    Recipient,
}

/// All that decides.
pub(super) struct Case<'a> {
    pub(super) to: &'a To,
    pub(super) message: &'a Message,
    pub(super) role: SenderRole,
    pub(super) purpose: SendPurpose,
    pub(super) window: Window,
}

impl Case<'_> {
    /// The right there is.
    pub(super) fn permit(&self) -> Result<Permit, Refusal> {
        let known = match self.to {
            To::Contact { scheme, .. } => scheme,
            To::Group(_) | To::Comment(_) | To::Post(_) | To::Account => {
                return self.without_template(Permit::Recipient);
            }
        };
        match known.as_str() {
            PSID if utility::of(self.message).is_some() => self.utility(),
            PSID => match self.window {
                Window::Open | Window::Unknown => Ok(self.within()),
                Window::HumanOnly if self.may_be_tagged() => Ok(Permit::HumanAgent),
                Window::HumanOnly | Window::Closed => Err(self.closed()),
            },
            "notification_messages_token" => self.without_template(Permit::Recipient),
            _ => self.without_template(self.within()),
        }
    }

    /// Whether what was sent as within the window may be sent again as after it.
    pub(super) fn may_be_tagged_after_all(&self) -> bool {
        let within = matches!(self.permit(), Ok(Permit::Response | Permit::Update));
        within && self.may_be_tagged() && matches!(self.to, To::Contact { scheme, .. } if scheme == PSID)
    }

    /// Whether a person's answer may be sent after the window. Claiming a person for a program, or for advertising,
    /// costs the Page the right.
    fn may_be_tagged(&self) -> bool {
        let answers = matches!(
            self.purpose,
            SendPurpose::Unspecified | SendPurpose::Reply | SendPurpose::Transaction | SendPurpose::Authentication
        );
        self.role == SenderRole::Human && answers
    }

    fn within(&self) -> Permit {
        match self.purpose {
            SendPurpose::Unspecified | SendPurpose::Reply => Permit::Response,
            SendPurpose::Transaction | SendPurpose::Promotion | SendPurpose::Authentication => Permit::Update,
        }
    }

    fn utility(&self) -> Result<Permit, Refusal> {
        match self.purpose {
            SendPurpose::Promotion => Err(Refusal::new(
                SendReason::ContentForbidden,
                "templates for utility messages must not advertise: send a message within 24 hours of the contact's \
                 last one, or write to a notification_messages_token",
            )),
            SendPurpose::Unspecified | SendPurpose::Reply | SendPurpose::Transaction | SendPurpose::Authentication => {
                Ok(Permit::Utility)
            }
        }
    }

    fn without_template(&self, permit: Permit) -> Result<Permit, Refusal> {
        if utility::of(self.message).is_none() {
            return Ok(permit);
        }
        Err(Refusal::new(SendReason::TemplateInvalid, "a utility template can be sent to a psid only"))
    }

    fn closed(&self) -> Refusal {
        match (self.purpose, self.window) {
            (SendPurpose::Transaction, _) => Refusal::new(
                SendReason::TemplateRequired,
                "more than 24 hours have passed since the contact last wrote: send a utility template",
            ),
            (SendPurpose::Promotion, _) => Refusal::new(
                SendReason::WindowClosed,
                "more than 24 hours have passed since the contact last wrote: advertising needs a \
                 notification_messages_token",
            ),
            (_, Window::HumanOnly) => Refusal::new(
                SendReason::WindowClosed,
                "more than 24 hours have passed since the contact last wrote: only a person may still answer \
                 (SENDER_ROLE_HUMAN)",
            ),
            (_, Window::Open | Window::Closed | Window::Unknown) => Refusal::new(
                SendReason::WindowClosed,
                "more than seven days have passed since the contact last wrote: only a utility template may be sent",
            ),
        }
    }
}

impl Permit {
    /// What the call says of it.
    pub(super) fn say(self, body: &mut Map<String, serde_json::Value>) {
        let kind = match self {
            Self::Response => "RESPONSE",
            Self::Update => "UPDATE",
            Self::HumanAgent => "MESSAGE_TAG",
            Self::Utility => "UTILITY",
            Self::Recipient => return,
        };
        body.insert("messaging_type".into(), json!(kind));
        if self == Self::HumanAgent {
            body.insert("tag".into(), json!("HUMAN_AGENT"));
        }
    }
}
