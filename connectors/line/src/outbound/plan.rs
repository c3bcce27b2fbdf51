//! Fitting an action to LINE, around the rules of all channels.

use connector_sdk::outbound::{self as sdk, Order, Planned, Refusal};
use kenh_proto::v1::{Feature, MediaKind, Message, Part, SendReason, outbound_action::What, part::Content};

use super::{
    capabilities::{self, MARK_AS_READ_TOKEN, OPTIONS, QUOTE_TOKEN},
    card,
    content::{self, MOST_OBJECTS},
    recipient,
};

/// Plans an order.
pub(super) fn planned(order: &Order<'_>) -> Result<Planned, Refusal> {
    recipient::of(order.to)?;
    let mut can = capabilities::all();
    // A quote without its token would be lost without a word.
    let quotes = order.options.contains_key(QUOTE_TOKEN);
    can.features.retain(|capability| quotes || capability.feature() != Feature::Quote);
    let mut what = order.what.clone();
    if let What::Message(message) = &mut what {
        shown(message);
    }
    let mut planned = sdk::plan_where(&can, &Order { what: &what, ..*order }, &fits)?;
    sdk::check_options(order, OPTIONS)?;
    if matches!(what, What::Message(_)) {
        gather(&mut planned)?;
    }
    check_action(order)?;
    Ok(planned)
}

fn check_action(order: &Order<'_>) -> Result<(), Refusal> {
    if matches!(order.what, What::MarkRead(_)) && !order.options.contains_key(MARK_AS_READ_TOKEN) {
        let advice = "LINE names what was read by a token: give the event's as the option mark_as_read_token";
        return Err(Refusal::new(SendReason::TargetInvalid, advice));
    }
    if matches!((order.what, order.to), (What::Typing(_), sdk::To::Group(_))) {
        return Err(Refusal::unsupported("LINE shows it to single people only"));
    }
    Ok(())
}

/// What LINE cannot show becomes a link.
fn shown(message: &mut Message) {
    for part in &mut message.parts {
        if let Some(Content::Media(media)) = &mut part.content
            && !content::is_shown(media)
        {
            media.kind = MediaKind::File.into();
        }
    }
}

fn fits(part: &Part) -> bool {
    match &part.content {
        Some(Content::Card(shown)) => card::fits(shown),
        Some(Content::Carousel(carousel)) => card::fit(&carousel.cards),
        Some(Content::Choices(choices)) => content::fit(choices),
        Some(Content::Sticker(sticker)) => sticker.set_id.is_some(),
        _ => true,
    }
}

/// Puts pieces together: a call takes several, a token answers once, and what is pushed is counted by calls. Short answers stand
/// on the last, where alone LINE shows them.
fn gather(planned: &mut Planned) -> Result<(), Refusal> {
    let mut offered = Vec::new();
    let mut gathered: Vec<Message> = Vec::new();
    for piece in planned.pieces.drain(..) {
        let What::Message(mut message) = piece else { continue };
        offered.extend(message.parts.extract_if(.., |part| matches!(part.content, Some(Content::Choices(_)))));
        match gathered.last_mut() {
            Some(before)
                if message.text.is_none() && content::count(before) + content::count(&message) <= MOST_OBJECTS =>
            {
                before.parts.append(&mut message.parts);
            }
            _ => gathered.push(message),
        }
    }
    if offered.len() > 1 {
        return Err(Refusal::new(SendReason::ContentInvalid, "a message has one set of short answers"));
    }
    if let Some(last) = gathered.last_mut() {
        last.parts.extend(offered);
    }
    planned.pieces = gathered.into_iter().map(What::Message).collect();
    Ok(())
}
