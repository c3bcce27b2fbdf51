//! The 24 hours after a person last wrote, within which everything may be sent; templates alone may be sent after them.
//! See <https://developers.facebook.com/docs/whatsapp/cloud-api/guides/send-messages#customer-service-windows>.

use connector_sdk::outbound::{Refusal, Window};
use kenh_proto::v1::{Message, SendPurpose, SendReason};

use super::template;

/// Refuses what comes too late. Where nothing told when the person last wrote, WhatsApp decides.
pub(super) fn check(message: Option<&Message>, window: Window, purpose: SendPurpose) -> Result<(), Refusal> {
    let open = matches!(window, Window::Open | Window::Unknown);
    if open || message.is_some_and(|message| template::of(message).is_some()) {
        return Ok(());
    }
    let reason = match purpose {
        SendPurpose::Unspecified | SendPurpose::Reply => SendReason::WindowClosed,
        // These were never answers: a template is what they take.
        SendPurpose::Transaction | SendPurpose::Promotion | SendPurpose::Authentication => SendReason::TemplateRequired,
    };
    Err(Refusal::new(
        reason,
        "more than 24 hours have passed since the contact last wrote: send an approved template, or wait until they write",
    ))
}
