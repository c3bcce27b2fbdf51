//! Fitting a message to Zalo: what the SDK's planner needs done before, and what it leaves to do.

use connector_sdk::outbound::{Order, Planned, Refusal, plan};
use kenh_proto::v1::{
    Fidelity, MediaKind, Message, Part, PartPlan, SendReason, Text, outbound_action::What, part::Content,
};

use super::{capabilities, check, media, recipient::Recipient, wording};

/// Plans an order. `structured` as in [`capabilities::all`].
pub(super) fn planned(order: &Order<'_>, to: &Recipient<'_>, structured: bool) -> Result<Planned, Refusal> {
    let message = match order.what {
        What::Message(message) => Some(prepared(message, to)),
        What::Edit(_)
        | What::Delete(_)
        | What::React(_)
        | What::Typing(_)
        | What::MarkRead(_)
        | What::CommentReply(_)
        | What::HideComment(_) => None,
    };
    check::allowed(order, to, message.as_ref())?;
    let mut can = capabilities::given_to(to, structured);
    let Some(message) = message else { return plan(&can, order) };
    can = capabilities::fitting(can, &message)?;
    let mut planned = plan(&can, &Order { what: &What::Message(message), ..*order })?;
    choices(&mut planned)?;
    quote(&mut planned, order.strict)?;
    Ok(planned)
}

/// Composes the text, finds out types, and puts captions that have no place with their file into the text.
fn prepared(message: &Message, to: &Recipient<'_>) -> Message {
    let mut message = message.clone();
    wording::composed(&mut message, matches!(to, Recipient::Group(_)));
    let mut body = message.text.take().unwrap_or_default().body;
    for part in &mut message.parts {
        if let Some(Content::Media(file)) = &mut part.content {
            media::typed(file);
            if let Some(caption) = file.caption.take_if(|caption| !is_captioned(file.kind, caption)) {
                let paragraph = if body.is_empty() || caption.is_empty() { "" } else { "\n" };
                body = format!("{body}{paragraph}{caption}");
            }
        }
    }
    message.text = (!body.is_empty()).then(|| Text { body, ..Text::default() });
    message
}

/// Whether a file of that kind has room for the caption.
fn is_captioned(kind: i32, caption: &str) -> bool {
    kind == i32::from(MediaKind::Image)
        && usize::try_from(capabilities::MOST_TEXT).is_ok_and(|most| caption.chars().count() <= most)
}

/// Buttons stand below a text alone; the planner puts them below whatever comes last.
fn choices(planned: &mut Planned) -> Result<(), Refusal> {
    let is_choices = |part: &Part| matches!(part.content, Some(Content::Choices(_)));
    let mut at = 0;
    while let Some(What::Message(piece)) = planned.pieces.get_mut(at) {
        let moved = if piece.parts.len() > 1 { piece.parts.pop_if(|part| is_choices(part)) } else { None };
        if let Some(part) = moved {
            let earlier = planned.pieces.iter_mut().take(at).rev();
            let text = earlier.filter_map(message_of).find(|piece| piece.parts.is_empty() && piece.text.is_some());
            let advice = "short answers need a text above them";
            text.ok_or_else(|| Refusal::new(SendReason::ContentInvalid, advice))?.parts.push(part);
        }
        at += 1;
    }
    Ok(())
}

/// A quote stands next to a text alone: the first that is one takes it.
fn quote(planned: &mut Planned, strict: bool) -> Result<(), Refusal> {
    let Some(quoted) = planned.pieces.first_mut().and_then(message_of).and_then(|piece| piece.quoted.take()) else {
        return Ok(());
    };
    let text = planned.pieces.iter_mut().filter_map(message_of).find(|piece| piece.parts.is_empty());
    if let Some(text) = text {
        text.quoted = Some(quoted);
        return Ok(());
    }
    if strict {
        return Err(Refusal::unsupported("Zalo quotes a message in a text only: add one"));
    }
    let dropped = PartPlan { part: None, fidelity: Fidelity::Dropped.into(), code: Some("quote".into()) };
    planned.parts.insert(0, dropped);
    Ok(())
}

fn message_of(what: &mut What) -> Option<&mut Message> {
    match what {
        What::Message(message) => Some(message),
        What::Edit(_)
        | What::Delete(_)
        | What::React(_)
        | What::Typing(_)
        | What::MarkRead(_)
        | What::CommentReply(_)
        | What::HideComment(_) => None,
    }
}
