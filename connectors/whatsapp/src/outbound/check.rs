//! What is wrong with a piece, or with an option, that no bound of a capability tells.

use std::collections::{BTreeMap, HashSet};

use connector_meta::send::arrange::buttons;
use connector_sdk::outbound::Refusal;
use kenh_proto::v1::{Message, Part, SendReason, part::Content};

use super::{
    capabilities::{FLOW_ID, FLOW_SCREEN, FOOTER, LIST_BUTTON, LONGEST_BUTTON, PREVIEW_URL},
    card::{self, FLOW, id, most, row_id},
    interactive::SEND_LOCATION,
    media,
};

/// Characters of what comes back from a button, and from a row, at most.
const LONGEST_ID: usize = 256;
const LONGEST_ROW_ID: usize = 200;

/// Options.
pub(super) fn options(options: &BTreeMap<String, String>) -> Result<(), Refusal> {
    if options.get(PREVIEW_URL).is_some_and(|value| !matches!(value.as_str(), "true" | "false")) {
        return Err(invalid("the option preview_url is one of: true, false"));
    }
    for (name, longest) in [(LIST_BUTTON, most(LONGEST_BUTTON)), (FOOTER, card::LONGEST_HEADER)] {
        if options.get(name).is_some_and(|value| !(1..=longest).contains(&value.chars().count())) {
            return Err(invalid(&format!("the option {name} has 1 to {longest} characters")));
        }
    }
    if [FLOW_ID, FLOW_SCREEN].into_iter().any(|name| options.get(name).is_some_and(String::is_empty)) {
        return Err(invalid("the options flow_id and flow_screen are not empty"));
    }
    Ok(())
}

/// A piece.
pub(super) fn piece(message: &Message, options: &BTreeMap<String, String>) -> Result<(), Refusal> {
    message.parts.iter().try_for_each(|part| self::part(message, part, options))
}

fn part(message: &Message, part: &Part, options: &BTreeMap<String, String>) -> Result<(), Refusal> {
    match &part.content {
        Some(Content::Media(file)) if file.content.is_some() && media::mime(file).is_none() => {
            Err(invalid("say of what type the file is: mime_type, or a name that ends with it"))
        }
        Some(Content::List(list)) => {
            let worded = message.text.is_some() || list.title.as_deref().is_some_and(|title| !title.trim().is_empty());
            let ids = list.rows.iter().map(row_id);
            if !worded {
                return Err(invalid("a list needs a title or a text above it"));
            }
            unlike(ids, LONGEST_ROW_ID)
        }
        Some(Content::Choices(choices)) if choices.choices.is_empty() => Err(invalid("choices without a choice")),
        Some(Content::Card(_) | Content::Choices(_)) => self::buttons_of(part, options),
        _ => Ok(()),
    }
}

fn buttons_of(part: &Part, options: &BTreeMap<String, String>) -> Result<(), Refusal> {
    let buttons = buttons(part);
    let asks = |kind: &str| buttons.iter().any(|button| button.r#type.as_deref() == Some(kind));
    if asks(SEND_LOCATION) {
        let alone = matches!(&part.content, Some(Content::Choices(choices)) if choices.choices.len() == 1);
        let advice = "send_location is the only one of a message's short answers";
        return if alone { Ok(()) } else { Err(invalid(advice)) };
    }
    if asks(FLOW) && !options.contains_key(FLOW_ID) {
        return Err(invalid("a button of the type flow needs the option flow_id"));
    }
    if buttons.iter().any(|button| button.title.trim().is_empty()) {
        return Err(invalid("a button or short answer needs a title"));
    }
    unlike(buttons.iter().map(|button| button.title.as_str()), LONGEST_ID)?;
    unlike(buttons.iter().map(|button| id(button)), LONGEST_ID)
}

/// WhatsApp takes no two alike in one message.
fn unlike<'a>(ids: impl Iterator<Item = &'a str>, longest: usize) -> Result<(), Refusal> {
    let mut known = HashSet::new();
    for id in ids {
        if id.chars().count() > longest {
            return Err(invalid(&format!("the payload of a button or row is at most {longest} characters")));
        }
        if !known.insert(id) {
            return Err(invalid("buttons and rows of one message differ in title and payload"));
        }
    }
    Ok(())
}

fn invalid(advice: &str) -> Refusal {
    Refusal::new(SendReason::ContentInvalid, advice)
}
