//! Instagram's own rules of fitting, around those of all channels.

use connector_meta::send::{
    action::check_reaction,
    arrange, comment,
    permit::Asked,
    template::{self, Form, LONGEST_BUTTON_TEXT},
};
use connector_sdk::outbound::{self as sdk, Order, Planned, Refusal};
use kenh_proto::v1::{Button, Message, Part, outbound_action::What, part::Content};

use super::{capabilities, content::LIKE_HEART, permit, reaction, recipient};

/// Buttons of Messenger's that Instagram does not have.
const FOREIGN: &[&str] = &["phone_number", "account_link", "account_unlink"];

/// Fits an action to Instagram.
pub(super) fn plan(order: &Order<'_>) -> Result<Planned, Refusal> {
    match order.what {
        What::Message(message) => return self::message(order, message),
        What::CommentReply(_) => {
            comment::check(order.what)?;
            return sdk::plan(&capabilities::public(), order);
        }
        What::React(react) => {
            recipient::person(order.to)?;
            check_reaction(react)?;
            reaction::check(react)?;
        }
        What::Typing(_) | What::MarkRead(_) => drop(recipient::person(order.to)?),
        What::HideComment(_) | What::Delete(_) => comment::check(order.what)?,
        What::Edit(_) => {}
    }
    sdk::plan(&capabilities::all(), order)
}

fn message(order: &Order<'_>, message: &Message) -> Result<Planned, Refusal> {
    recipient::of(order.to)?;
    let Order { to, role, purpose, window, .. } = *order;
    permit::of(to, Asked { role, purpose, window })?;
    if message.parts.iter().any(is_without_address) {
        return Err(Refusal::unsupported("Instagram takes files by their address only: give a url it can fetch"));
    }
    let joined = arrange::with_buttons(message, LONGEST_BUTTON_TEXT);
    let moved = joined.is_some();
    let what = What::Message(joined.unwrap_or_else(|| message.clone()));
    let mut planned = sdk::plan_where(&capabilities::all(), &Order { what: &what, ..*order }, &fits)?;
    if moved {
        arrange::note_moved(&mut planned);
    }
    arrange::choices_last(&mut planned)?;
    Ok(planned)
}

fn is_without_address(part: &Part) -> bool {
    matches!(&part.content, Some(Content::Media(media))
        if media.url.is_none() && (media.content.is_some() || media.provider_ref.is_some()))
}

fn fits(part: &Part) -> bool {
    let foreign = |button: &&Button| button.r#type.as_deref().is_some_and(|kind| FOREIGN.contains(&kind));
    if arrange::buttons(part).iter().any(foreign) {
        return false;
    }
    match &part.content {
        Some(Content::Card(card)) => matches!(template::form(card), Some(Form::Buttons | Form::Generic)),
        Some(Content::Sticker(sticker)) => sticker.id.as_deref() == Some(LIKE_HEART),
        _ => arrange::fits(part),
    }
}
