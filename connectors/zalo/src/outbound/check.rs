//! What is refused before anything is sent, and says what to do instead.

use connector_sdk::outbound::{Order, Refusal};
use kenh_proto::v1::{
    Media, MediaKind, Message, React, ReactionAction, SendPurpose, SendReason, Template, outbound_action::What,
    part::Content,
};

use super::{clock, media, recipient, recipient::Recipient, template};
use crate::tracking;

fn invalid(advice: impl Into<String>) -> Refusal {
    Refusal::new(SendReason::ContentInvalid, advice)
}

/// Refuses what Zalo would, as far as the order alone says it. `message` has been prepared.
pub(super) fn allowed(order: &Order<'_>, to: &Recipient<'_>, message: Option<&Message>) -> Result<(), Refusal> {
    if order.purpose == SendPurpose::Promotion && clock::is_quiet(order.now) {
        let advice = "Zalo holds promotional messages back from 22:00 to 06:00 in Viet Nam (UTC+7): send it at 06:00";
        return Err(Refusal::new(SendReason::QuietHours, advice));
    }
    options(order, to)?;
    if let What::React(react) = order.what {
        reaction(react)?;
    }
    let Some(message) = message else { return Ok(()) };
    let contents = || message.parts.iter().filter_map(|part| part.content.as_ref());
    let worded = message.text.as_ref().is_some_and(|text| !text.body.is_empty());
    if to.is_phone() && (worded || contents().any(|content| !matches!(content, Content::Template(_)))) {
        let advice = "to a phone number only templates are sent: put the words into a template's values";
        return Err(Refusal::new(SendReason::TemplateRequired, advice));
    }
    if contents().filter(|content| matches!(content, Content::Choices(_))).count() > 1 {
        return Err(invalid("a message has one set of choices"));
    }
    for content in contents() {
        match content {
            Content::Template(asked) => pre_approved(asked, to)?,
            Content::Media(file) => sendable(file)?,
            Content::Location(_)
            | Content::ContactCard(_)
            | Content::Card(_)
            | Content::Carousel(_)
            | Content::List(_)
            | Content::Choices(_)
            | Content::Order(_)
            | Content::Poll(_)
            | Content::Link(_)
            | Content::Sticker(_)
            | Content::Story(_)
            | Content::Product(_)
            | Content::Appointment(_)
            | Content::Unknown(_) => {}
        }
    }
    Ok(())
}

/// An option: its name, whether it means something here, which values it can have, and the same for people.
type Rule = (&'static str, bool, fn(&str) -> bool, &'static str);

/// Options where they have a meaning, with values they can have. Unknown ones are the planner's business.
fn options(order: &Order<'_>, to: &Recipient<'_>) -> Result<(), Refusal> {
    let rules: [Rule; 4] = [
        (template::TRACKING_ID, to.is_phone(), tracking::is_sound, "1 to 48 letters, digits, - and _"),
        (template::SENDING_MODE, to.is_phone(), |mode| matches!(mode, "1" | "3"), "1 or 3"),
        (template::MODE, to.is_phone(), |mode| mode == "development", "development"),
        (recipient::CONVERSATION, matches!(to, Recipient::Visitor { .. }), |id| !id.is_empty(), "an id"),
    ];
    for (name, applies, is_sound, expected) in rules {
        let Some(value) = order.options.get(name) else { continue };
        if !applies {
            let whom =
                if name == recipient::CONVERSATION { "anonymous visitors" } else { "templates to phone numbers" };
            return Err(invalid(format!("the option {name} is for {whom}")));
        }
        if !is_sound(value) {
            return Err(invalid(format!("the option {name} is wrong: expected {expected}")));
        }
    }
    Ok(())
}

fn reaction(react: &React) -> Result<(), Refusal> {
    if react.provider_message_id.is_empty() {
        return Err(invalid("a reaction names the message it is on"));
    }
    if react.reaction.is_empty() && react.action() != ReactionAction::Removed {
        return Err(invalid("a reaction needs an emoji or one of Zalo's icons"));
    }
    Ok(())
}

fn pre_approved(asked: &Template, to: &Recipient<'_>) -> Result<(), Refusal> {
    if template::is_gone(asked) {
        return Err(Refusal::unsupported(
            "Zalo shut transaction and promotion messages down on 2026-03-01: send an approved template by its id to the \
             zalo_uid, or to the phone number",
        ));
    }
    if template::asks_for_details(asked) {
        let one = matches!(asked.cards.as_slice(), [card] if card.title.is_some());
        return match to {
            Recipient::User(_) if one => Ok(()),
            Recipient::User(_) => Err(invalid("request_user_info has exactly one card, with a title")),
            Recipient::Visitor { .. } | Recipient::Group(_) | Recipient::Phone(_) | Recipient::HashedPhone(_) => {
                Err(Refusal::unsupported("only a contact by zalo_uid can be asked for their details"))
            }
        };
    }
    if matches!(to, Recipient::Visitor { .. } | Recipient::Group(_)) {
        return Err(Refusal::unsupported("templates are sent to a zalo_uid or a phone number"));
    }
    match asked.id.as_deref() {
        Some(id) if !id.is_empty() => Ok(()),
        Some(_) | None => Err(Refusal::new(SendReason::TemplateInvalid, "a template needs its id at Zalo")),
    }
}

fn sendable(file: &Media) -> Result<(), Refusal> {
    let sized = file.width.zip(file.height).is_some();
    if file.kind() == MediaKind::Gif && file.provider_ref.is_some() && !sized {
        return Err(invalid("an uploaded moving picture needs its width and height"));
    }
    if let Some(content) = file.content.as_deref() {
        if file.mime_type.is_none() {
            return Err(invalid("say what the bytes are: give the mime_type, or a name that ends in it"));
        }
        if file.kind() == MediaKind::Gif && !sized && media::gif_size(content).is_none() {
            return Err(invalid("the bytes are no moving picture (GIF)"));
        }
    }
    Ok(())
}
