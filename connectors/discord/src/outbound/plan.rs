//! Fitting an action to Discord, around the rules of all channels.

use connector_sdk::outbound::{self as sdk, Order, Planned, Refusal};
use kenh_proto::v1::{Message, Part, SendReason, delete, outbound_action::What, part::Content};

use super::{
    action, button,
    call::is_id,
    capabilities::{self, OPTIONS},
    content,
    recipient::Place,
};

/// Plans an order.
pub(super) fn planned(order: &Order<'_>) -> Result<Planned, Refusal> {
    Place::of(order.to)?;
    let what = sdk::buttons_below(order.what);
    let planned = sdk::plan_where(&capabilities::all(), &Order { what: &what, ..*order }, &fits)?;
    sdk::check_options(order, OPTIONS)?;
    match &what {
        What::Message(Message { quoted: Some(quoted), .. }) => check_id(&quoted.provider_message_id)?,
        What::Edit(edit) => {
            check_id(&edit.provider_message_id)?;
            if edit.message.as_ref().is_some_and(|message| content::attached(message).is_some()) {
                return Err(Refusal::unsupported(
                    "a message can be changed to words, cards and buttons, not to a file",
                ));
            }
        }
        What::Delete(deletion) => match &deletion.what {
            Some(delete::What::ProviderMessageId(id)) => check_id(id)?,
            Some(delete::What::ProviderCommentId(_)) | None => {
                return Err(Refusal::unsupported("Discord has no comments"));
            }
        },
        What::React(react) => {
            check_id(&react.provider_message_id)?;
            if action::emoji(&react.reaction).is_none() {
                let advice = "a reaction is an emoji, or name:id of a server's own; also to withdraw it";
                return Err(Refusal::new(SendReason::ContentInvalid, advice));
            }
        }
        What::Message(_) | What::Typing(_) | What::MarkRead(_) | What::CommentReply(_) | What::HideComment(_) => {}
    }
    Ok(planned)
}

fn fits(part: &Part) -> bool {
    match &part.content {
        Some(Content::Card(card)) => content::fits(card),
        Some(Content::Choices(choices)) => !choices.choices.is_empty() && button::fit(&choices.choices),
        _ => true,
    }
}

fn check_id(id: &str) -> Result<(), Refusal> {
    let advice = "this is no id of a message: expected digits, as its event or answer has it";
    if is_id(id) { Ok(()) } else { Err(Refusal::new(SendReason::TargetInvalid, advice)) }
}
