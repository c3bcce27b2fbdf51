//! Fitting an action to Discourse, around the rules of all channels.

use connector_sdk::outbound::{self as sdk, Order, Planned, Refusal, To};
use kenh_proto::v1::{Message, Part, SendReason, delete, outbound_action::What, part::Content};

use super::{
    action,
    call::is_id,
    capabilities::{self, OPTIONS, TITLE},
};
use crate::inbound::USERNAME;

/// Plans an order.
pub(super) fn planned(order: &Order<'_>) -> Result<Planned, Refusal> {
    match order.what {
        What::Message(message) => {
            addressed(order)?;
            message.quoted.as_ref().map_or(Ok(()), |quoted| check_id(&quoted.provider_message_id))?;
        }
        What::CommentReply(reply) => check_id(&reply.provider_comment_id)?,
        What::Edit(edit) => {
            check_id(&edit.provider_message_id)?;
            if edit.message.as_ref().is_some_and(has_file) {
                return Err(Refusal::unsupported("a post can be changed to other words, not to a file"));
            }
        }
        What::Delete(deletion) => match &deletion.what {
            Some(delete::What::ProviderMessageId(id) | delete::What::ProviderCommentId(id)) => check_id(id)?,
            None => return Err(Refusal::new(SendReason::TargetInvalid, "name the post")),
        },
        What::React(react) => {
            check_id(&react.provider_message_id)?;
            if !action::is_like(&react.reaction) {
                let advice = "a post can be liked and nothing else: use like, ❤️ or 👍";
                return Err(Refusal::new(SendReason::ContentInvalid, advice));
            }
        }
        What::Typing(_) | What::MarkRead(_) | What::HideComment(_) => {}
    }
    let mut planned = sdk::plan(&capabilities::all(), order)?;
    sdk::check_options(order, OPTIONS)?;
    if matches!((order.what, order.to), (What::Message(_), To::Contact { .. })) && planned.pieces.len() > 1 {
        let advice =
            "a private message to a person begins a topic: shorten it to one post, or answer in its conversation";
        return Err(Refusal::new(SendReason::ContentTooLarge, advice));
    }
    if let (What::Message(Message { quoted: Some(quoted), .. }), Some(What::Message(first))) =
        (order.what, planned.pieces.first_mut())
    {
        first.quoted = Some(quoted.clone());
    }
    Ok(planned)
}

/// Whether it says where to: a topic, or a person and a title.
fn addressed(order: &Order<'_>) -> Result<(), Refusal> {
    let unknown = |advice: &str| Err(Refusal::new(SendReason::RecipientUnknown, advice));
    match order.to {
        To::Group(topic) if is_id(topic) => Ok(()),
        To::Contact { scheme, value } if scheme == USERNAME && !value.is_empty() && !value.contains(',') => {
            if order.options.contains_key(TITLE) {
                return Ok(());
            }
            let advice = "a private message needs the option title; in a topic that is there name its conversation";
            Err(Refusal::new(SendReason::ContentInvalid, advice))
        }
        To::Contact { .. } | To::Group(_) => {
            unknown("Discourse takes contacts by discourse_username, and topics, as groups, by their number")
        }
        // A topic for everybody is a conversation with nobody in particular.
        To::Account if order.conversation.is_some_and(is_id) => Ok(()),
        To::Account => unknown("name the conversation, a topic as group, or answer a post (comment_reply)"),
        To::Comment(_) | To::Post(_) => Err(Refusal::unsupported(
            "there is no private answer to a post: write to its author by discourse_username, with a title",
        )),
    }
}

fn has_file(message: &Message) -> bool {
    message.parts.iter().any(|part: &Part| matches!(part.content, Some(Content::Media(_))))
}

fn check_id(id: &str) -> Result<(), Refusal> {
    let advice = "this is no id of a post: expected digits, as its event has it";
    if is_id(id) { Ok(()) } else { Err(Refusal::new(SendReason::TargetInvalid, advice)) }
}
