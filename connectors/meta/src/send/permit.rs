//! By what right something is sent: Meta wants to be told.
//! See <https://developers.facebook.com/docs/messenger-platform/policy/policy-overview>.

use connector_sdk::outbound::{Answer, Effect, Failure, Outcome, Window};
use kenh_proto::v1::{SendPurpose, SendReason, SenderRole};
use serde_json::{Map, Value, json};

use crate::graph::{MESSAGING, taken};

/// What a message is sent as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permit {
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

/// Who writes for what, and when.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// A person or a program.
    pub role: SenderRole,
    /// What it is for.
    pub purpose: SendPurpose,
    /// Whether the time for answering is open.
    pub window: Window,
}

impl Asked {
    /// The right of whoever writes to a person of the account's own; nothing when it is too late. Where nothing told when
    /// the person last wrote, Meta decides.
    pub fn permit(self) -> Option<Permit> {
        match self.window {
            Window::Open | Window::Unknown => Some(self.within()),
            Window::HumanOnly if self.may_be_tagged() => Some(Permit::HumanAgent),
            Window::HumanOnly | Window::Closed => None,
        }
    }

    /// The right within the window.
    pub fn within(self) -> Permit {
        match self.purpose {
            SendPurpose::Unspecified | SendPurpose::Reply => Permit::Response,
            SendPurpose::Transaction | SendPurpose::Promotion | SendPurpose::Authentication => Permit::Update,
        }
    }

    /// Whether a person's answer may be sent after the window. Claiming a person for a program, or for advertising,
    /// costs the account the right.
    pub fn may_be_tagged(self) -> bool {
        let answers = matches!(
            self.purpose,
            SendPurpose::Unspecified | SendPurpose::Reply | SendPurpose::Transaction | SendPurpose::Authentication
        );
        self.role == SenderRole::Human && answers
    }
}

impl Permit {
    /// What the call says of it.
    pub fn say(self, body: &mut Map<String, Value>) {
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

/// Whether Meta answered that a message comes too late.
pub fn outside_window(answer: &Answer) -> bool {
    let outcome = taken(answer, Effect::Visible, &[MESSAGING]).err();
    matches!(outcome, Some(Outcome::Failed(Failure { reason: SendReason::WindowClosed, .. })))
}
