//! Fitting an action to TikTok, around the rules of all channels.

use connector_sdk::outbound::{self as sdk, Order, Planned, Refusal, To, Window};
use kenh_proto::v1::SendReason;

use super::capabilities;
use crate::inbound::USER;

/// Plans an order. Only a conversation that a person began can be written into, and not for ever.
pub(super) fn planned(order: &Order<'_>) -> Result<Planned, Refusal> {
    conversation(order.to, order.conversation)?;
    is_open(order.window)?;
    sdk::plan(&capabilities::all(), order)
}

/// The id of the conversation: TikTok takes no other address.
pub(super) fn conversation<'a>(to: &To, conversation: Option<&'a str>) -> Result<&'a str, Refusal> {
    let unknown = |advice: &str| Refusal::new(SendReason::RecipientUnknown, advice);
    match to {
        To::Contact { scheme, value } if scheme == USER => conversation
            .filter(|id| !id.is_empty() && *id != value.as_str())
            .ok_or_else(|| unknown("name the conversation: TikTok takes answers to one, and no person's id")),
        To::Contact { .. } | To::Account => Err(unknown("name the conversation, which a person has to have begun")),
        To::Group(_) => Err(Refusal::unsupported("TikTok has no groups to write to")),
        To::Comment(_) | To::Post(_) => Err(Refusal::unsupported("TikTok has no private answer to a comment")),
    }
}

/// Whether it may be answered still; of a conversation nothing is known of, TikTok will tell.
pub(super) fn is_open(window: Window) -> Result<(), Refusal> {
    match window {
        Window::Open | Window::Unknown => Ok(()),
        Window::HumanOnly | Window::Closed => {
            let advice = "the time for answering is over: wait until the person writes again";
            Err(Refusal::new(SendReason::WindowClosed, advice))
        }
    }
}
