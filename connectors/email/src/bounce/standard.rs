//! Reports in the standard's form: RFC 3464 (delivery) and RFC 8098 (disposition).

use mail_parser::{MessagePart, MimeHeaders as _, PartType};

use super::{Action, Outcome};
use crate::{address, mail::Mail};

/// Fields of a block: name in lower case, value as one line.
type Fields = Vec<(String, String)>;

/// What the reports within a mail say; nothing where there is none.
pub(super) fn outcomes(mail: &Mail<'_>) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for (place, part) in mail.parts().iter().enumerate() {
        let bytes = || mail.bytes(place);
        match subtype(part).as_deref() {
            Some("delivery-status" | "global-delivery-status") => outcomes.extend(delivery(&bytes())),
            Some("disposition-notification" | "global-disposition-notification") => {
                outcomes.extend(disposition(&bytes()));
            }
            _ => {}
        }
    }
    // A gateway that packs the report it passes on. People forward reports as well: their own words come first.
    if let [container, whole] = mail.parts()
        && outcomes.is_empty()
        && matches!(container.body, PartType::Multipart(_))
        && let PartType::Message(inner) = &whole.body
    {
        let reports = inner.parts.iter().filter(|part| subtype(part).as_deref() == Some("delivery-status"));
        outcomes.extend(reports.flat_map(|part| delivery(part.contents())));
    }
    let mut once: Vec<Outcome> = Vec::new();
    for outcome in outcomes {
        if !once.iter().any(|known| known.recipient == outcome.recipient) {
            once.push(outcome);
        }
    }
    once
}

fn subtype(part: &MessagePart<'_>) -> Option<String> {
    let kind = part.content_type()?;
    kind.ctype().eq_ignore_ascii_case("message").then(|| kind.subtype().unwrap_or_default().to_ascii_lowercase())
}

/// One block for each recipient, behind one for the whole of the message; some programs write them into one.
fn delivery(bytes: &[u8]) -> Vec<Outcome> {
    blocks(bytes).iter().filter_map(of_recipient).collect()
}

fn of_recipient(fields: &Fields) -> Option<Outcome> {
    // The original recipient is whom we sent it to; the final one may be where it was forwarded to.
    let recipient = ["original-recipient", "final-recipient", "x-actual-recipient"]
        .iter()
        .filter_map(|name| typed(get(fields, name)?))
        .map(|recipient| address::plain(&recipient))
        .find(|recipient| recipient.contains('@'))?;
    let status = get(fields, "status").map(|status| status.split([' ', '(']).next().unwrap_or_default().to_owned());
    let status = status.filter(|status| status.len() <= 12 && status.starts_with(|first: char| first.is_ascii_digit()));
    let action = get(fields, "action")
        .map(|action| action.split([' ', ';', '(']).next().unwrap_or_default().to_ascii_lowercase());
    let is_temporary = status.as_deref().is_some_and(|status| status.starts_with('4'));
    let action = match action.as_deref() {
        Some("failed" | "failure") => Action::Failed,
        Some("delayed") => Action::Delayed,
        Some("delivered") => Action::Delivered,
        Some("relayed") => Action::Relayed,
        Some("expanded") => Action::Expanded,
        Some(_) | None => match status.as_deref().and_then(|status| status.chars().next()) {
            Some('2') => Action::Delivered,
            _ if is_temporary => Action::Delayed,
            Some('5') => Action::Failed,
            _ => return None,
        },
    };
    let diagnostic = get(fields, "diagnostic-code").and_then(typed);
    Some(Outcome { recipient, action, status, diagnostic })
}

fn disposition(bytes: &[u8]) -> Option<Outcome> {
    let blocks = blocks(bytes);
    let fields: Fields = blocks.into_iter().flatten().collect();
    let recipient = ["original-recipient", "final-recipient"].iter().find_map(|name| typed(get(&fields, name)?))?;
    let recipient = address::plain(&recipient);
    let said = get(&fields, "disposition")?.rsplit(';').next()?.trim().to_ascii_lowercase();
    let mode = get(&fields, "disposition")?.to_ascii_lowercase();
    let action = if said.starts_with("displayed") {
        Action::Displayed
    } else if said.starts_with("deleted") && mode.starts_with("automatic-action") {
        // How filters refuse a mail (RFC 5429).
        Action::Failed
    } else {
        Action::Processed
    };
    recipient.contains('@').then_some(Outcome { recipient, action, status: None, diagnostic: None })
}

/// Values are `type; value`; of several the type says nothing we need.
fn typed(value: &str) -> Option<String> {
    let value = value.split_once(';').map_or(value, |(_, value)| value).trim();
    (!value.is_empty()).then(|| value.to_owned())
}

fn get<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

const MOST_BLOCKS: usize = 200;

/// Blocks with empty lines between; a line that begins with a space goes on with the one before.
pub(super) fn blocks(bytes: &[u8]) -> Vec<Fields> {
    let text = String::from_utf8_lossy(bytes);
    let mut blocks: Vec<Fields> = vec![Fields::new()];
    for line in text.lines() {
        if line.trim().is_empty() {
            if blocks.last().is_some_and(|block| !block.is_empty()) && blocks.len() < MOST_BLOCKS {
                blocks.push(Fields::new());
            }
            continue;
        }
        let Some(block) = blocks.last_mut() else { break };
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = block.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            block.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    blocks
}
