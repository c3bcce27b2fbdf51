//! Fitting an action to Teams, around the rules of all channels.

use connector_sdk::outbound::{self as sdk, Order, Planned, Refusal};
use kenh_proto::v1::{Button, Card, Message, Part, SendReason, delete, outbound_action::What, part::Content};

use super::{
    call,
    capabilities::{self, MOST_BUTTONS, MOST_CARDS},
    content,
};

/// Plans an order.
pub(super) fn planned(order: &Order<'_>) -> Result<Planned, Refusal> {
    call::place(order.to, order.conversation)?;
    let what = sdk::buttons_below(order.what);
    let mut planned = sdk::plan_where(&capabilities::all(), &Order { what: &what, ..*order }, &fits)?;
    match &what {
        What::Message(message) => {
            check(message)?;
            if let Some(quoted) = &message.quoted {
                check_id(&quoted.provider_message_id)?;
            }
            // All of an answer belongs to what it answers.
            for piece in &mut planned.pieces {
                if let What::Message(piece) = piece {
                    piece.quoted.clone_from(&message.quoted);
                }
            }
        }
        What::Edit(edit) => check_id(&edit.provider_message_id)?,
        What::Delete(deletion) => match &deletion.what {
            Some(delete::What::ProviderMessageId(id)) => check_id(id)?,
            Some(delete::What::ProviderCommentId(_)) | None => {
                return Err(Refusal::unsupported("Teams has no comments"));
            }
        },
        What::React(_) | What::Typing(_) | What::MarkRead(_) | What::CommentReply(_) | What::HideComment(_) => {}
    }
    Ok(planned)
}

fn check(message: &Message) -> Result<(), Refusal> {
    let homeless = |part: &Part| matches!(&part.content, Some(Content::Media(media)) if media.url.is_none());
    if message.parts.iter().any(homeless) {
        return Err(Refusal::unsupported("a bot sends files by their address only: give a url"));
    }
    Ok(())
}

fn fits(part: &Part) -> bool {
    let most = |count: usize, most: u32| (1..=most as usize).contains(&count);
    match &part.content {
        Some(Content::Media(media)) => content::is_shown(media),
        Some(Content::Card(card)) => is_card(card),
        Some(Content::Carousel(carousel)) => {
            most(carousel.cards.len(), MOST_CARDS) && carousel.cards.iter().all(is_card)
        }
        Some(Content::Choices(choices)) => {
            most(choices.choices.len(), MOST_BUTTONS) && choices.choices.iter().all(is_button)
        }
        _ => true,
    }
}

fn is_card(card: &Card) -> bool {
    let is_https = |url: &Option<String>| url.as_ref().is_none_or(|url| url.starts_with("https://"));
    let says = card.title.as_ref().is_some_and(|title| !title.is_empty()) || card.image_url.is_some();
    says && is_https(&card.image_url)
        && card.buttons.len() <= MOST_BUTTONS as usize
        && card.buttons.iter().all(is_button)
}

fn is_button(button: &Button) -> bool {
    !button.title.is_empty()
}

fn check_id(id: &str) -> Result<(), Refusal> {
    const LONGEST: usize = 256;
    let advice = "this is no id of a message: name one as its event has it";
    let is_id = (1..=LONGEST).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
    if is_id { Ok(()) } else { Err(Refusal::new(SendReason::TargetInvalid, advice)) }
}
