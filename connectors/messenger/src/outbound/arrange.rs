//! What goes into which message: buttons onto their text, short answers onto the last.

use std::borrow::Cow;

use connector_meta::send::{
    button,
    template::{self, LONGEST_BUTTON_TEXT},
};
use connector_sdk::outbound::{Planned, Refusal};
use kenh_proto::v1::{Button, Message, Part, SendReason, outbound_action::What, part::Content};

/// A text and a card of nothing but buttons are one message: the text moves onto the card.
pub(super) fn with_buttons(message: &Message) -> Cow<'_, Message> {
    let (Some(text), Some(Content::Card(card))) =
        (&message.text, message.parts.first().and_then(|part| part.content.as_ref()))
    else {
        return Cow::Borrowed(message);
    };
    let has_more = [&card.title, &card.subtitle, &card.image_url, &card.url].into_iter().any(Option::is_some);
    let fits = (1..=LONGEST_BUTTON_TEXT).contains(&text.body.chars().count());
    if has_more || card.buttons.is_empty() || !fits {
        return Cow::Borrowed(message);
    }
    let mut joined = message.clone();
    if let Some(Content::Card(card)) = joined.parts.first_mut().and_then(|part| part.content.as_mut()) {
        card.title = joined.text.take().map(|text| text.body);
    }
    Cow::Owned(joined)
}

/// Whether a template takes it.
pub(super) fn fits(part: &Part) -> bool {
    match &part.content {
        Some(Content::Card(card)) => template::form(card).is_some(),
        Some(Content::Carousel(carousel)) => {
            !carousel.cards.is_empty() && carousel.cards.iter().all(template::is_generic)
        }
        _ => true,
    }
}

/// Quick replies vanish once anything else follows: they belong on the last piece.
pub(super) fn choices_last(planned: &mut Planned) -> Result<(), Refusal> {
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
    let buttons: Vec<&Button> = match &part.content {
        Some(Content::Card(card)) => card.buttons.iter().collect(),
        Some(Content::Carousel(carousel)) => carousel.cards.iter().flat_map(|card| &card.buttons).collect(),
        Some(Content::Choices(choices)) => choices.choices.iter().collect(),
        _ => Vec::new(),
    };
    let fault = buttons.into_iter().find_map(button::fault);
    fault.map_or(Ok(()), |advice| Err(Refusal::new(SendReason::ContentInvalid, advice)))
}
