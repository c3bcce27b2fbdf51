//! Where short answers go: below a text of their own, or below a file that has one. The planner puts them below whatever
//! comes last.

use connector_sdk::outbound::{Planned, Refusal};
use kenh_proto::v1::{
    Fidelity, MediaKind, Message, Part, PartPlan, SendReason, Text, outbound_action::What, part::Content,
};

use super::{
    capabilities::{LONGEST_BODY, MOST_BUTTONS},
    card::most,
    cut::cut,
};

/// Finds their place.
pub(super) fn choices(planned: &mut Planned, strict: bool) -> Result<(), Refusal> {
    let mut offered: Vec<(usize, Part)> = Vec::new();
    for (at, piece) in planned.pieces.iter_mut().enumerate() {
        if let What::Message(message) = piece {
            offered.extend(message.parts.extract_if(.., |part| is_choices(part)).map(|part| (at, part)));
        }
    }
    let (at, part) = match (offered.pop(), offered.pop()) {
        (None, _) => return Ok(()),
        (Some(one), None) => one,
        (Some(_), Some(_)) => {
            return Err(Refusal::new(SendReason::ContentInvalid, "a message has one set of short answers"));
        }
    };
    if below_file(planned, at, &part) {
        return Ok(());
    }
    let earlier = planned.pieces.iter().take(at + 1).rposition(|piece| worded(piece).is_some());
    let Some(at) = earlier else {
        return Err(Refusal::new(SendReason::ContentInvalid, "short answers need a text above them"));
    };
    below_text(planned, at, part, strict)
}

/// A file and its text become one message with the buttons; so do a file and a text that stands alone right before it.
fn below_file(planned: &mut Planned, at: usize, part: &Part) -> bool {
    let Some(What::Message(message)) = planned.pieces.get_mut(at) else { return false };
    if !takes_buttons(message, part) {
        return false;
    }
    if message.text.is_some() {
        message.parts.push(part.clone());
        return true;
    }
    let before = at.checked_sub(1).filter(|before| planned.pieces.get(*before).and_then(worded).is_some_and(fits_body));
    let Some(before) = before else { return false };
    if let What::Message(said) = planned.pieces.remove(before)
        && let Some(What::Message(message)) = planned.pieces.get_mut(before)
    {
        message.text = said.text;
        message.quoted = said.quoted;
        message.parts.push(part.clone());
    }
    true
}

/// What is too long for the text above buttons is cut, and the rest goes before.
fn below_text(planned: &mut Planned, at: usize, part: Part, strict: bool) -> Result<(), Refusal> {
    let Some(What::Message(message)) = planned.pieces.get_mut(at) else { return Ok(()) };
    let text = message.text.take().unwrap_or_default();
    if fits_body(&text) {
        message.text = Some(text);
        message.parts.push(part);
        return Ok(());
    }
    if strict {
        return Err(Refusal::unsupported("the text above short answers has at most 1024 characters"));
    }
    let (head, tail) = cut(&text.body);
    message.text = Some(Text { body: head.to_owned(), ..Text::default() });
    let tail = Text { body: tail.to_owned(), ..Text::default() };
    let last = Message { text: Some(tail), parts: vec![part], ..Message::default() };
    planned.pieces.insert(at + 1, What::Message(last));
    if let Some(plan) = planned.parts.iter_mut().find(|plan| plan.part.is_none()) {
        *plan = PartPlan { part: None, fidelity: Fidelity::Converted.into(), code: Some("split".into()) };
    }
    Ok(())
}

fn is_choices(part: &Part) -> bool {
    matches!(part.content, Some(Content::Choices(_)))
}

/// The text of a piece that has nothing else.
fn worded(piece: &What) -> Option<&Text> {
    let What::Message(message) = piece else { return None };
    message.text.as_ref().filter(|text| message.parts.is_empty() && !text.body.is_empty())
}

fn fits_body(text: &Text) -> bool {
    text.body.chars().count() <= most(LONGEST_BODY)
}

/// A picture, film or document may stand above buttons; above rows it may not.
fn takes_buttons(message: &Message, part: &Part) -> bool {
    let [Part { content: Some(Content::Media(media)) }] = message.parts.as_slice() else { return false };
    let few = matches!(&part.content, Some(Content::Choices(choices))
        if choices.choices.len() <= most(MOST_BUTTONS) && choices.choices.iter().all(|choice| choice.r#type.is_none()));
    few && media.caption.is_none() && media.kind() != MediaKind::Audio
}
