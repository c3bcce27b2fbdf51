//! By what right something is sent to whom: a Page knows people in several ways, and has templates for any time.

use connector_meta::send::permit::{Asked, Permit};
use connector_sdk::outbound::{Refusal, To, Window};
use kenh_proto::v1::{Message, SendPurpose, SendReason};

use super::{recipient::PSID, utility};

/// All that decides.
pub(super) struct Case<'a> {
    pub(super) to: &'a To,
    pub(super) message: &'a Message,
    pub(super) asked: Asked,
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
            PSID => self.asked.permit().ok_or_else(|| self.closed()),
            "notification_messages_token" => self.without_template(Permit::Recipient),
            _ => self.without_template(self.asked.within()),
        }
    }

    /// Whether what was sent as within the window may be sent again as after it.
    pub(super) fn may_be_tagged_after_all(&self) -> bool {
        let within = matches!(self.permit(), Ok(Permit::Response | Permit::Update));
        within && self.asked.may_be_tagged() && matches!(self.to, To::Contact { scheme, .. } if scheme == PSID)
    }

    fn utility(&self) -> Result<Permit, Refusal> {
        match self.asked.purpose {
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
        match (self.asked.purpose, self.asked.window) {
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
