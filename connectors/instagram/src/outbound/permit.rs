//! By what right something is sent. Instagram has no templates for later, and of the tags one.

use connector_meta::send::permit::{Asked, Permit};
use connector_sdk::outbound::{Refusal, To, Window};
use kenh_proto::v1::{SendPurpose, SendReason};

/// The right there is.
pub(super) fn of(to: &To, asked: Asked) -> Result<Permit, Refusal> {
    match to {
        To::Contact { .. } => asked.permit().ok_or_else(|| closed(asked)),
        To::Comment(_) | To::Post(_) | To::Group(_) | To::Account => Ok(Permit::Recipient),
    }
}

/// Whether what was sent as within the window may be sent again as after it.
pub(super) fn may_be_tagged_after_all(to: &To, asked: Asked) -> bool {
    let within = matches!(of(to, asked), Ok(Permit::Response | Permit::Update));
    within && asked.may_be_tagged()
}

fn closed(asked: Asked) -> Refusal {
    let advice = match (asked.purpose, asked.window) {
        (SendPurpose::Promotion, _) => {
            "more than 24 hours have passed since the contact last wrote: nothing advertising may be sent"
        }
        (_, Window::HumanOnly) => {
            "more than 24 hours have passed since the contact last wrote: only a person may still answer \
             (SENDER_ROLE_HUMAN)"
        }
        (_, Window::Open | Window::Closed | Window::Unknown) => {
            "more than seven days have passed since the contact last wrote: wait until they write"
        }
    };
    Refusal::new(SendReason::WindowClosed, advice)
}
