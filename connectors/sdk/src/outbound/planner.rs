//! Fitting what is to be sent to what the channel can do.
//!
//! Each part keeps its own form where the channel has one and its bounds allow it; otherwise it becomes a form that is
//! near (a card becomes text, a picture and lines for its buttons), and what has none is left out. Long text is split
//! where a paragraph, sentence or word ends.

mod fit;
mod text;
mod words;

use kenh_proto::v1::{
    Capabilities, Feature, Fidelity, Message, Part, PartPlan, Segmentation, SendReason, Text, TextFormat,
    outbound_action::What, part::Content,
};

use super::{Features, Order, To, features};
use fit::Fitted;

/// What will be given to the channel.
#[derive(Clone, Default)]
pub struct Planned {
    /// One action for each message or call at the channel, in order.
    pub pieces: Vec<What>,
    /// What became of the text and of each part.
    pub parts: Vec<PartPlan>,
    /// How each piece is coded and cut; empty on channels that cut nothing.
    pub segmentation: Vec<Segmentation>,
}

// By hand: pieces are somebody's words.
impl std::fmt::Debug for Planned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Planned({} pieces)", self.pieces.len())
    }
}

/// Why it cannot be sent at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{advice}")]
pub struct Refusal {
    /// Why, from the closed list.
    pub reason: SendReason,
    /// What to do about it; nothing anybody wrote.
    pub advice: String,
}

impl Refusal {
    /// Refuses.
    pub fn new(reason: SendReason, advice: impl Into<String>) -> Self {
        Self { reason, advice: advice.into() }
    }

    /// The channel has no form for it.
    pub fn unsupported(advice: impl Into<String>) -> Self {
        Self::new(SendReason::ContentUnsupported, advice)
    }
}

/// Pieces one action may have: a bound for what callers can make us send.
const MOST_PIECES: usize = 50;

/// Fits an action to a channel. Connectors with rules of their own call this and go on from its answer.
pub fn plan(capabilities: &Capabilities, order: &Order<'_>) -> Result<Planned, Refusal> {
    plan_where(capabilities, order, &|_| true)
}

/// The same where forms have bounds that capabilities cannot tell: a part other than a file that does not `fit` is
/// treated as one the channel has no form for.
pub fn plan_where(
    capabilities: &Capabilities,
    order: &Order<'_>,
    fits: &dyn Fn(&Part) -> bool,
) -> Result<Planned, Refusal> {
    let features = Features(capabilities);
    if let Some(unknown) = order.options.keys().find(|name| capabilities.options.iter().all(|o| o.name != **name)) {
        let known: Vec<_> = capabilities.options.iter().map(|option| option.name.as_str()).collect();
        let known = if known.is_empty() { "it has none".into() } else { format!("it has: {}", known.join(", ")) };
        // An option's name is the caller's program's word; its first characters are enough to find it.
        let name: String = unknown.chars().filter(char::is_ascii_graphic).take(40).collect();
        return Err(Refusal::new(SendReason::ContentInvalid, format!("the channel has no option \"{name}\"; {known}")));
    }
    addressed(features, order.to)?;
    let planned = match order.what {
        What::Message(message) => message_pieces(features, message, fits)?,
        What::Edit(edit) => one(features, order.what, edit.message.as_ref(), fits, |message| {
            What::Edit(kenh_proto::v1::Edit { message: Some(message), ..edit.clone() })
        })?,
        What::CommentReply(reply) => one(features, order.what, reply.message.as_ref(), fits, |message| {
            What::CommentReply(kenh_proto::v1::CommentReply { message: Some(message), ..reply.clone() })
        })?,
        other @ (What::Delete(_) | What::React(_) | What::Typing(_) | What::MarkRead(_) | What::HideComment(_)) => {
            possible(features, other)?;
            Planned { pieces: vec![other.clone()], ..Planned::default() }
        }
    };
    if matches!(order.to, To::Comment(_) | To::Post(_)) && planned.pieces.len() > 1 {
        return Err(Refusal::new(
            SendReason::ContentTooLarge,
            "a private answer to a comment is one message: shorten it",
        ));
    }
    if planned.pieces.len() > MOST_PIECES {
        return Err(Refusal::new(SendReason::ContentTooLarge, format!("it would be more than {MOST_PIECES} messages")));
    }
    let changed = planned.parts.iter().find(|part| part.fidelity() != Fidelity::Native);
    if let Some(part) = changed.filter(|_| order.strict) {
        let which = part.part.map_or("the text".into(), |part| format!("part {part}"));
        let code = part.code.as_deref().unwrap_or("converted");
        return Err(Refusal::unsupported(format!("{which} has no form of its own on this channel ({code})")));
    }
    if planned.pieces.is_empty() {
        return Err(Refusal::unsupported("nothing of it has a form on this channel"));
    }
    Ok(planned)
}

fn addressed(features: Features<'_>, to: &To) -> Result<(), Refusal> {
    let needed = match to {
        To::Group(_) => Feature::Group,
        To::Comment(_) | To::Post(_) => Feature::CommentPrivateReply,
        To::Contact { .. } | To::Account => return Ok(()),
    };
    features.native(needed).map(drop).ok_or_else(|| Refusal::unsupported("the channel has no such destination"))
}

fn possible(features: Features<'_>, what: &What) -> Result<(), Refusal> {
    match features::feature_of_action(what) {
        Some(feature) if features.native(feature).is_none() => {
            Err(Refusal::unsupported(format!("the channel has no {}", feature.as_str_name())))
        }
        Some(_) | None => Ok(()),
    }
}

/// An action around a message that has to be one piece.
fn one(
    features: Features<'_>,
    what: &What,
    message: Option<&Message>,
    fits: &dyn Fn(&Part) -> bool,
    around: impl FnOnce(Message) -> What,
) -> Result<Planned, Refusal> {
    possible(features, what)?;
    let message = message.ok_or_else(|| Refusal::new(SendReason::ContentInvalid, "it has no message"))?;
    let mut planned = message_pieces(features, message, fits)?;
    match planned.pieces.pop() {
        Some(What::Message(message)) if planned.pieces.is_empty() => planned.pieces.push(around(message)),
        _ => return Err(Refusal::new(SendReason::ContentTooLarge, "it has to be one message at the channel")),
    }
    Ok(planned)
}

fn message_pieces(features: Features<'_>, message: &Message, fits: &dyn Fn(&Part) -> bool) -> Result<Planned, Refusal> {
    let body = message.text.as_ref().map(|text| text.body.as_str()).unwrap_or_default();
    let format = message.text.as_ref().map(Text::format).unwrap_or_default();
    let mut out = Assembly { features, format, pieces: Vec::new(), parts: Vec::new() };
    let mut body = body.to_owned();
    let fitted = (0..)
        .zip(&message.parts)
        .map(|(index, part)| fit::fit(features, index, part, fits(part)))
        .collect::<Result<Vec<_>, _>>()?;
    // What became words right behind the text joins it; what has a caption takes all of it.
    let mut rest = Vec::new();
    for (index, mut fitted) in (0u32..).zip(fitted) {
        let caption = fitted.take_caption(features);
        let text_only = rest.is_empty() && out.is_plain() && matches!(fitted.form, Fitted::Text(_));
        if let (true, Fitted::Text(words)) = (text_only, &fitted.form) {
            words::join(&mut body, words);
        } else if !matches!(fitted.form, Fitted::Nothing) {
            rest.push(fitted.form);
            rest.extend(caption.map(Fitted::Text));
        }
        out.parts.push(PartPlan {
            part: Some(index),
            fidelity: fitted.fidelity.into(),
            code: fitted.code.map(Into::into),
        });
    }
    out.assemble(&body, rest)?;
    if let (Some(quoted), Some(What::Message(first))) = (&message.quoted, out.pieces.first_mut()) {
        if features.native(Feature::Quote).is_some() {
            first.quoted = Some(quoted.clone());
        } else {
            out.parts
                .insert(0, PartPlan { part: None, fidelity: Fidelity::Dropped.into(), code: Some("quote".into()) });
        }
    }
    Ok(Planned { pieces: out.pieces, parts: out.parts, segmentation: Vec::new() })
}

struct Assembly<'a> {
    features: Features<'a>,
    /// How the text is marked up; what was made of parts is plain.
    format: TextFormat,
    pieces: Vec<What>,
    parts: Vec<PartPlan>,
}

impl Assembly<'_> {
    fn is_plain(&self) -> bool {
        matches!(self.format, TextFormat::Unspecified | TextFormat::Plain)
    }

    fn assemble(&mut self, body: &str, rest: Vec<Fitted>) -> Result<(), Refusal> {
        let mut body = body.trim_end_matches('\n').to_owned();
        let captioned = rest.len() == 1 && rest.first().is_some_and(|form| self.takes_caption(form, &body));
        if !captioned && !body.is_empty() {
            let pieces = self.split(&body)?;
            let (fidelity, code) =
                if pieces.len() > 1 { (Fidelity::Converted, Some("split".into())) } else { (Fidelity::Native, None) };
            self.parts.insert(0, PartPlan { part: None, fidelity: fidelity.into(), code });
            self.pieces.extend(pieces.into_iter().map(|text| What::Message(worded(text, self.format))));
            body.clear();
        } else if captioned && !body.is_empty() {
            self.parts.insert(0, PartPlan { part: None, fidelity: Fidelity::Native.into(), code: None });
        }
        for form in rest {
            match form {
                Fitted::Text(words) => {
                    let pieces = self.split(&words)?;
                    let plain = TextFormat::default();
                    self.pieces.extend(pieces.into_iter().map(|text| What::Message(worded(text, plain))));
                }
                Fitted::Own(part) if matches!(part.content, Some(Content::Choices(_))) && !captioned => {
                    // Short answers belong to the text above them.
                    let Some(What::Message(last)) = self.pieces.last_mut() else {
                        let advice = "short answers need a text above them";
                        return Err(Refusal::new(SendReason::ContentInvalid, advice));
                    };
                    last.parts.push(*part);
                }
                Fitted::Own(part) => {
                    let text = (!body.is_empty()).then(|| marked(std::mem::take(&mut body), self.format));
                    self.pieces.push(What::Message(Message { text, parts: vec![*part], ..Message::default() }));
                }
                Fitted::Nothing => {}
            }
        }
        Ok(())
    }

    fn takes_caption(&self, form: &Fitted, body: &str) -> bool {
        let Fitted::Own(part) = form else { return false };
        let own_caption = matches!(&part.content, Some(Content::Media(media)) if media.caption.is_some());
        let capability = features::feature_of(part).and_then(|feature| self.features.native(feature));
        capability.is_some_and(|capability| {
            let most = if capability.max_caption > 0 { capability.max_caption } else { self.longest() };
            capability.caption && !own_caption && (most == 0 || text::fits(body, most, capability.length_unit()))
        })
    }

    fn longest(&self) -> u32 {
        self.features.native(Feature::Text).map_or(0, |capability| capability.max_length)
    }

    fn split(&self, body: &str) -> Result<Vec<String>, Refusal> {
        let capability =
            self.features.native(Feature::Text).ok_or_else(|| Refusal::unsupported("the channel has no text"))?;
        Ok(text::split(body, capability.max_length, capability.length_unit()))
    }
}

fn worded(body: String, format: TextFormat) -> Message {
    Message { text: Some(marked(body, format)), ..Message::default() }
}

fn marked(body: String, format: TextFormat) -> Text {
    Text { body, format: format.into(), ..Text::default() }
}

#[cfg(test)]
mod tests;
