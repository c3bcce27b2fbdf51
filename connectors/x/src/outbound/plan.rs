//! Fitting an action to X, around the rules of all channels.

use connector_sdk::outbound::{self as sdk, Order, Planned, Refusal, To};
use kenh_proto::v1::{SendReason, delete, outbound_action::What};

use super::{call::is_id, capabilities};
use crate::inbound::USER;

/// Plans an order. A post has `longest` characters at most, as X counts them.
pub(super) fn planned(order: &Order<'_>, longest: usize) -> Result<Planned, Refusal> {
    match order.what {
        What::Message(_) => path(order.to).map(drop)?,
        What::CommentReply(reply) => check_post(&reply.provider_comment_id)?,
        What::HideComment(hiding) => check_post(&hiding.provider_comment_id)?,
        What::Delete(deletion) => match &deletion.what {
            Some(delete::What::ProviderCommentId(id)) => check_post(id)?,
            Some(delete::What::ProviderMessageId(_)) | None => {
                return Err(Refusal::unsupported("on X posts can be deleted, as comments; direct messages cannot"));
            }
        },
        What::Edit(_) | What::React(_) | What::Typing(_) | What::MarkRead(_) => {}
    }
    let planned = sdk::plan(&capabilities::all(), order)?;
    for piece in &planned.pieces {
        let What::CommentReply(reply) = piece else { continue };
        let text = reply.message.as_ref().and_then(|message| message.text.as_ref());
        if text.is_some_and(|text| weight(&text.body) > longest) {
            let advice = format!("a post has at most {longest} characters, of which X counts many scripts' double");
            return Err(Refusal::new(SendReason::ContentTooLarge, advice));
        }
    }
    Ok(planned)
}

/// Where a direct message goes.
pub(super) fn path(to: &To) -> Result<String, Refusal> {
    let unknown = |advice: &str| Refusal::new(SendReason::RecipientUnknown, advice);
    match to {
        To::Contact { scheme, value } if scheme == USER && is_id(value) => {
            Ok(format!("/2/dm_conversations/with/{value}/messages"))
        }
        To::Group(id) if is_id(id) => Ok(format!("/2/dm_conversations/{id}/messages")),
        To::Contact { .. } | To::Group(_) => Err(unknown("X takes contacts by x_user_id and groups by their number")),
        To::Account => Err(unknown("name a contact or the conversation; posts are answered as comments")),
        To::Comment(_) | To::Post(_) => {
            Err(Refusal::unsupported("X has no private answer to a post: write to its author as a contact"))
        }
    }
}

fn check_post(id: &str) -> Result<(), Refusal> {
    let advice = "this is no id of a post: expected digits, as its event has it";
    if is_id(id) { Ok(()) } else { Err(Refusal::new(SendReason::TargetInvalid, advice)) }
}

/// Characters as X counts them: those beyond the European and Middle Eastern scripts double, every address as 23.
/// See <https://docs.x.com/resources/fundamentals/counting-characters>.
fn weight(text: &str) -> usize {
    const ADDRESS: usize = 23;
    let single = |c: char| matches!(u32::from(c), 0..=4351 | 8192..=8205 | 8208..=8223 | 8242..=8247);
    let counted = |text: &str| text.chars().map(|c| if single(c) { 1 } else { 2 }).sum::<usize>();
    let word = |word: &str| {
        let end = word.trim_end().len();
        let (word, space) = word.split_at(end);
        let is_address = word.starts_with("https://") || word.starts_with("http://");
        counted(space) + if is_address { ADDRESS } else { counted(word) }
    };
    text.split_inclusive(char::is_whitespace).map(word).sum()
}

#[cfg(test)]
mod tests {
    use super::weight;

    #[test]
    fn characters_are_counted_as_x_does() {
        assert_eq!(weight("hello"), 5);
        assert_eq!(weight("Đặt hàng ạ"), 12, "ặ and ạ count double");
        assert_eq!(weight("見る 👍"), 7);
        assert_eq!(weight("look https://shop.example.test/a/very/long/address/indeed ok"), 5 + 23 + 1 + 2);
        assert_eq!(weight(""), 0);
    }
}
