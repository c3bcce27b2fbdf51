//! Fitting an action to Slack, around the rules of all channels.

use connector_sdk::outbound::{self as sdk, Order, Planned, Refusal};
use kenh_proto::v1::{Message, Part, SendReason, delete, outbound_action::What, part::Content};

use super::{
    capabilities::{self, OPTIONS, is_ts},
    card, content, emoji,
    recipient::Place,
};

/// Plans an order.
pub(super) fn planned(order: &Order<'_>) -> Result<Planned, Refusal> {
    Place::of(order.to, order.conversation)?;
    let what = sdk::buttons_below(order.what);
    let mut planned = sdk::plan_where(&capabilities::all(), &Order { what: &what, ..*order }, &fits)?;
    sdk::check_options(order, OPTIONS)?;
    match &what {
        What::Message(message) => {
            check_files(message)?;
            if let Some(quoted) = &message.quoted {
                check_ts(&quoted.provider_message_id)?;
            }
            // All of an answer belongs into the thread.
            for piece in &mut planned.pieces {
                if let What::Message(piece) = piece {
                    piece.quoted.clone_from(&message.quoted);
                }
            }
        }
        What::Edit(edit) => {
            check_ts(&edit.provider_message_id)?;
            if edit.message.as_ref().is_some_and(|message| content::upload(message).is_some()) {
                return Err(Refusal::unsupported(
                    "a message can be changed to words, buttons and pictures at an https address",
                ));
            }
        }
        What::Delete(deletion) => match &deletion.what {
            Some(delete::What::ProviderMessageId(ts)) => check_ts(ts)?,
            Some(delete::What::ProviderCommentId(_)) | None => {
                return Err(Refusal::unsupported("Slack has no comments"));
            }
        },
        What::React(react) => {
            check_ts(&react.provider_message_id)?;
            if emoji::name(&react.reaction).is_none() {
                let advice = "name the reaction as Slack does, such as thumbsup; also to withdraw it";
                return Err(Refusal::new(SendReason::ContentInvalid, advice));
            }
        }
        What::Typing(_) | What::MarkRead(_) | What::CommentReply(_) | What::HideComment(_) => {}
    }
    Ok(planned)
}

fn fits(part: &Part) -> bool {
    match &part.content {
        Some(Content::Card(shown)) => card::fits(shown),
        Some(Content::Carousel(carousel)) => carousel.cards.iter().all(card::fits),
        Some(Content::List(list)) => list.rows.iter().all(card::fits),
        Some(Content::Choices(choices)) => content::fit(&choices.choices),
        _ => true,
    }
}

/// A file of Slack's own can be shown again where it is a picture.
fn check_files(message: &Message) -> Result<(), Refusal> {
    match content::upload(message) {
        Some(media) if media.provider_ref.is_some() => {
            Err(Refusal::unsupported("of Slack's files only pictures can be sent again: give an address or the bytes"))
        }
        _ => Ok(()),
    }
}

fn check_ts(ts: &str) -> Result<(), Refusal> {
    let advice = "this is no id of a message: expected one such as 1767225600.000100, as its event has it";
    if is_ts(ts) { Ok(()) } else { Err(Refusal::new(SendReason::TargetInvalid, advice)) }
}
