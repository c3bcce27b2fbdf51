//! What goes into which message: buttons onto their text, short answers onto the last.

use connector_sdk::outbound::{Planned, Refusal};
use kenh_proto::v1::{Button, Fidelity, Message, Part, PartPlan, SendReason, outbound_action::What, part::Content};

use super::{button, template};

/// A text of a length a card takes, and a card of nothing but buttons, are one message: with the text moved onto the card.
/// Nothing where a message is none of that.
pub fn with_buttons(message: &Message, longest: usize) -> Option<Message> {
    let (text, Some(Content::Card(card))) = (message.text.as_ref()?, &message.parts.first()?.content) else {
        return None;
    };
    let has_more = [&card.title, &card.subtitle, &card.image_url, &card.url].into_iter().any(Option::is_some);
    let fits = (1..=longest).contains(&text.body.chars().count());
    if has_more || card.buttons.is_empty() || !fits {
        return None;
    }
    let mut joined = message.clone();
    if let Some(Content::Card(card)) = joined.parts.first_mut().and_then(|part| part.content.as_mut()) {
        card.title = joined.text.take().map(|text| text.body);
    }
    Some(joined)
}

/// Says in a plan that a text that moved onto its card kept all of its form.
pub fn note_moved(planned: &mut Planned) {
    planned.parts.insert(0, PartPlan { part: None, fidelity: Fidelity::Native.into(), code: None });
}

/// Whether a template of the Send API takes it.
pub fn fits(part: &Part) -> bool {
    match &part.content {
        Some(Content::Card(card)) => template::form(card).is_some(),
        Some(Content::Carousel(carousel)) => {
            !carousel.cards.is_empty() && carousel.cards.iter().all(template::is_generic)
        }
        _ => true,
    }
}

/// Quick replies vanish once anything else follows: they belong on the last piece.
pub fn choices_last(planned: &mut Planned) -> Result<(), Refusal> {
    let mut offered = Vec::new();
    for piece in &mut planned.pieces {
        let What::Message(message) = piece else { continue };
        for part in &message.parts {
            check_buttons(part)?;
        }
        offered.extend(message.parts.extract_if(.., |part| matches!(part.content, Some(Content::Choices(_)))));
    }
    if offered.len() > 1 {
        return Err(Refusal::new(SendReason::ContentInvalid, "a message has one set of short answers"));
    }
    if let Some(What::Message(last)) = planned.pieces.last_mut() {
        last.parts.extend(offered);
    }
    Ok(())
}

fn check_buttons(part: &Part) -> Result<(), Refusal> {
    let fault = buttons(part).into_iter().find_map(button::fault);
    fault.map_or(Ok(()), |advice| Err(Refusal::new(SendReason::ContentInvalid, advice)))
}

/// All buttons and short answers of a part.
pub fn buttons(part: &Part) -> Vec<&Button> {
    match &part.content {
        Some(Content::Card(card)) => card.buttons.iter().collect(),
        Some(Content::Carousel(carousel)) => carousel.cards.iter().flat_map(|card| &card.buttons).collect(),
        Some(Content::Choices(choices)) => choices.choices.iter().collect(),
        _ => Vec::new(),
    }
}
