//! Fitting an action to LinkedIn, around the rules of all channels.

use connector_sdk::outbound::{self as sdk, Order, Planned, Refusal};
use kenh_proto::v1::{Capabilities, SendReason, delete, outbound_action::What};

/// Plans an order.
pub(super) fn planned(capabilities: &Capabilities, order: &Order<'_>) -> Result<Planned, Refusal> {
    match order.what {
        What::Message(_) => {
            return Err(Refusal::unsupported(
                "LinkedIn has no messages for programs: answer a comment (comment_reply)",
            ));
        }
        What::CommentReply(reply) => check(&reply.provider_comment_id, is_urn)?,
        What::Delete(deletion) => match &deletion.what {
            Some(delete::What::ProviderCommentId(id)) => check(id, |id| parts(id).is_some())?,
            Some(delete::What::ProviderMessageId(_)) | None => {
                return Err(Refusal::unsupported("LinkedIn has no messages: a comment is named as one"));
            }
        },
        What::Edit(_) | What::React(_) | What::Typing(_) | What::MarkRead(_) | What::HideComment(_) => {}
    }
    sdk::plan(capabilities, order)
}

fn check(id: &str, is_sound: impl Fn(&str) -> bool) -> Result<(), Refusal> {
    let advice = "this is no URN of a comment or post: use the one its event has";
    if is_sound(id) { Ok(()) } else { Err(Refusal::new(SendReason::TargetInvalid, advice)) }
}

/// Whether this can be a URN: it stands in addresses.
pub(super) fn is_urn(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'(' | b')' | b',' | b'_' | b'-');
    id.len() <= 256 && id.strip_prefix("urn:li:").is_some_and(|rest| !rest.is_empty() && rest.bytes().all(plain))
}

/// What a comment is below, and its number there: `urn:li:comment:(urn:li:activity:3001,4001)`.
pub(super) fn parts(comment: &str) -> Option<(&str, &str)> {
    let inner = comment.strip_prefix("urn:li:comment:(")?.strip_suffix(')')?;
    let (object, id) = inner.rsplit_once(',')?;
    (is_urn(object) && !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit())).then_some((object, id))
}
