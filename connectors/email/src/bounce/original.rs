//! Which mail a report is about.

use mail_parser::{HeaderName, Message, MimeHeaders as _, PartType};

use super::standard::blocks;
use crate::inbound::Reading;

/// What is known of it.
#[derive(Debug, Default)]
pub(super) struct Original {
    pub(super) message_id: Option<String>,
    /// Its references, oldest first, and itself.
    pub(super) references: Vec<String>,
}

/// Looks where reports say it: in the mail or the headers they enclose, in fields of theirs, in their text.
pub(super) fn find(reading: &Reading<'_>) -> Original {
    let mut found = enclosed(reading).or_else(|| named(reading)).or_else(|| written(reading)).unwrap_or_default();
    if found.message_id.is_none() {
        found.references.clone_from(&reading.references);
        found.references.extend(reading.in_reply_to.iter().cloned());
        found.message_id = reading.in_reply_to.first().cloned();
    }
    if let Some(id) = &found.message_id
        && !found.references.contains(id)
    {
        found.references.push(id.clone());
    }
    found
}

/// In an enclosed mail, or its headers.
fn enclosed(reading: &Reading<'_>) -> Option<Original> {
    reading.mail.parts().iter().enumerate().skip(1).find_map(|(place, part)| {
        if let PartType::Message(message) = &part.body {
            return of_message(message);
        }
        let kind = part.content_type()?;
        let is_headers = kind.subtype().is_some_and(|subtype| subtype.to_ascii_lowercase().contains("rfc822-headers"));
        is_headers.then(|| of_headers(&reading.mail.bytes(place))).flatten()
    })
}

fn of_message(message: &Message<'_>) -> Option<Original> {
    let ids = |name: HeaderName<'static>| {
        let value = &message.parts.first()?.headers.iter().find(|header| header.name == name)?.value;
        let one = value.as_text().map(|one| vec![trimmed(one)]);
        one.or_else(|| value.as_text_list().map(|several| several.iter().map(|id| trimmed(id)).collect::<Vec<_>>()))
    };
    let message_id = ids(HeaderName::MessageId)?.into_iter().next()?;
    let references = ids(HeaderName::References).or_else(|| ids(HeaderName::InReplyTo)).unwrap_or_default();
    Some(Original { message_id: Some(message_id), references })
}

fn of_headers(bytes: &[u8]) -> Option<Original> {
    let fields: Vec<_> = blocks(bytes).into_iter().flatten().collect();
    let get = |name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let message_id = trimmed(get("message-id")?);
    let references = get("references").or_else(|| get("in-reply-to")).unwrap_or_default();
    let references = references.split_whitespace().take(200).map(trimmed).collect();
    Some(Original { message_id: Some(message_id), references }).filter(|_| !message_id_is_empty(&fields))
}

fn message_id_is_empty(fields: &[(String, String)]) -> bool {
    fields.iter().any(|(name, value)| name == "message-id" && value.is_empty())
}

/// In a field of the report.
fn named(reading: &Reading<'_>) -> Option<Original> {
    let in_parts = reading.mail.parts().iter().enumerate().find_map(|(place, part)| {
        let kind = part.content_type()?;
        let is_report = kind.ctype().eq_ignore_ascii_case("message");
        let fields = is_report.then(|| blocks(&reading.mail.bytes(place)))?;
        let names = ["original-message-id", "x-original-message-id"];
        let value = fields.into_iter().flatten().find(|(name, _)| names.contains(&name.as_str()))?.1;
        Some(trimmed(&value))
    });
    let id = in_parts.or_else(|| reading.mail.header("x-original-message-id").map(|id| trimmed(&id)))?;
    (!id.is_empty()).then(|| Original { message_id: Some(id), references: Vec::new() })
}

/// In the text, where programs copy the headers of what they give back.
fn written(reading: &Reading<'_>) -> Option<Original> {
    let (plain, _) = reading.mail.bodies();
    let id = plain.iter().find_map(|place| {
        let text = reading.mail.text(*place);
        text.lines().find_map(|line| {
            let line = line.trim_start_matches(['>', ' ', '|', '\t']);
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("message-id").then(|| trimmed(value)).filter(|id| !id.is_empty())
        })
    })?;
    Some(Original { message_id: Some(id), references: Vec::new() })
}

fn trimmed(id: &str) -> String {
    id.trim().trim_matches(['<', '>', ',']).trim().to_owned()
}
