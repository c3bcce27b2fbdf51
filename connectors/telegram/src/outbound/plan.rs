//! Fitting an action to Telegram, around the rules of all channels.

use connector_sdk::outbound::{self as sdk, Order, Planned, Refusal};
use kenh_proto::v1::{Message, Part, SendReason, TextFormat, delete, outbound_action::What, part::Content};

use super::{
    album, button,
    capabilities::{self, OPTIONS},
    card,
    chat::Chat,
    content::number,
};

/// Plans an order.
pub(super) fn planned(order: &Order<'_>) -> Result<Planned, Refusal> {
    let chat = Chat::of(order.to, order.conversation, order.options)?;
    let business = chat.business.is_some();
    let what = sdk::buttons_below(order.what);
    let mut planned =
        sdk::plan_where(&capabilities::all(), &Order { what: &what, ..*order }, &|part| fits(part, business))?;
    sdk::check_options(order, OPTIONS)?;
    if let What::Message(message) = &what {
        check_quote(message)?;
        check_marks(message, &planned)?;
        if message.album.is_some() {
            planned.pieces = album::gathered(planned.pieces);
        }
    } else {
        check_action(&what, business)?;
    }
    Ok(planned)
}

fn fits(part: &Part, business: bool) -> bool {
    match &part.content {
        Some(Content::Card(shown)) => card::fits(shown),
        Some(Content::Choices(choices)) => button::fit(choices, business),
        Some(Content::ContactCard(person)) => {
            let more = !person.emails.is_empty() || person.url.is_some();
            person.name.is_some() && person.phones.len() == 1 && !more
        }
        _ => true,
    }
}

fn check_quote(message: &Message) -> Result<(), Refusal> {
    message.quoted.as_ref().map_or(Ok(()), |quoted| check_target(&quoted.provider_message_id))
}

fn check_target(id: &str) -> Result<(), Refusal> {
    let advice = "this is no id of a message: expected a number, as its event has it";
    number(id).map(drop).ok_or_else(|| Refusal::new(SendReason::TargetInvalid, advice))
}

/// A mark that begins in one message cannot end in another.
fn check_marks(message: &Message, planned: &Planned) -> Result<(), Refusal> {
    let format = message.text.as_ref().map(kenh_proto::v1::Text::format).unwrap_or_default();
    let marked = matches!(format, TextFormat::Markdown | TextFormat::Html);
    let split = planned.parts.iter().any(|part| part.part.is_none() && part.code.as_deref() == Some("split"));
    if marked && split {
        let advice = "a text with marks has to be one message, of at most 4096 characters: shorten it";
        return Err(Refusal::new(SendReason::ContentTooLarge, advice));
    }
    Ok(())
}

fn check_action(what: &What, business: bool) -> Result<(), Refusal> {
    match what {
        What::Edit(edit) => {
            let parts = edit.message.iter().flat_map(|message| &message.parts);
            let bytes = |part: &Part| matches!(&part.content, Some(Content::Media(media)) if media.content.is_some());
            if parts.into_iter().any(bytes) {
                let advice = "a file can be exchanged for one with an address or a provider_ref";
                return Err(Refusal::unsupported(advice));
            }
            check_target(&edit.provider_message_id)
        }
        What::Delete(deletion) => match &deletion.what {
            Some(delete::What::ProviderMessageId(id)) => check_target(id),
            Some(delete::What::ProviderCommentId(_)) | None => Err(Refusal::unsupported("Telegram has no comments")),
        },
        What::React(_) if business => Err(Refusal::unsupported("bots cannot react for a business account")),
        What::React(react) => check_target(&react.provider_message_id),
        What::MarkRead(_) if !business => {
            Err(Refusal::unsupported("a bot can mark as read only what a business account received"))
        }
        What::MarkRead(read) => check_target(read.provider_message_id.as_deref().unwrap_or_default()),
        What::Message(_) | What::Typing(_) | What::CommentReply(_) | What::HideComment(_) => Ok(()),
    }
}
