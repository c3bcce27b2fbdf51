//! WhatsApp's own rules of fitting, around those of all channels.

use connector_meta::send::{action::check_reaction, arrange as shared};
use connector_sdk::outbound::{self as sdk, Order, Planned, Refusal, To};
use kenh_proto::v1::{Capabilities, Message, Part, outbound_action::What, part::Content};

use super::{
    action, arrange, capabilities,
    capabilities::LONGEST_BODY,
    card::{self, most},
    check, contact, recipient, template, window,
};

/// Fits an action to WhatsApp.
pub(super) fn plan(order: &Order<'_>) -> Result<Planned, Refusal> {
    let can = match order.to {
        To::Group(_) => capabilities::of_groups(),
        To::Contact { .. } | To::Comment(_) | To::Post(_) | To::Account => capabilities::all(),
    };
    match order.what {
        What::Message(message) => return self::message(order, &can, message),
        What::React(reaction) => {
            recipient::of(order.to)?;
            window::check(None, order.window, order.purpose)?;
            check_reaction(reaction)?;
        }
        What::Typing(_) | What::MarkRead(_) => drop(action::body(order.what)?),
        What::Edit(_) | What::Delete(_) | What::CommentReply(_) | What::HideComment(_) => {}
    }
    sdk::plan(&can, order)
}

fn message(order: &Order<'_>, can: &Capabilities, message: &Message) -> Result<Planned, Refusal> {
    recipient::of(order.to)?;
    window::check(Some(message), order.window, order.purpose)?;
    if let Some(template) = template::of(message) {
        template::check(message, template)?;
    }
    let named = stickers_named(message);
    let joined = shared::with_buttons(&named, most(LONGEST_BODY));
    let moved = joined.is_some();
    let what = What::Message(joined.unwrap_or(named));
    let mut planned = sdk::plan_where(can, &Order { what: &what, ..*order }, &fits)?;
    if moved {
        shared::note_moved(&mut planned);
    }
    check::options(order.options)?;
    arrange::choices(&mut planned, order.strict)?;
    for piece in &planned.pieces {
        if let What::Message(piece) = piece {
            check::piece(piece, order.options)?;
        }
    }
    Ok(planned)
}

fn fits(part: &Part) -> bool {
    match &part.content {
        Some(Content::ContactCard(card)) => contact::object(card).is_some(),
        _ => card::fits(part),
    }
}

/// Everybody's stickers can be sent, by an address too: the planner knows them by their ids. WhatsApp's are WebP; what is
/// another picture stays one.
fn stickers_named(message: &Message) -> Message {
    let mut message = message.clone();
    for part in &mut message.parts {
        if let Some(Content::Sticker(sticker)) = &mut part.content
            && sticker.id.is_none()
        {
            sticker.id = sticker.url.take_if(|url| is_webp(url));
        }
    }
    message
}

fn is_webp(url: &str) -> bool {
    let web = url.starts_with("https://") || url.starts_with("http://");
    let path = url.split(['?', '#']).next().unwrap_or_default();
    web && path.to_ascii_lowercase().ends_with(".webp")
}
