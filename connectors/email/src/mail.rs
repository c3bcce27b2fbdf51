//! A message of RFC 5322, parsed within bounds.

mod words;

use std::borrow::Cow;

use mail_parser::{
    Address, Encoding, HeaderName, HeaderValue, Message, MessageParser, MessagePart, MimeHeaders as _, PartType,
    decoders::{base64::base64_decode, quoted_printable::quoted_printable_decode},
};

use crate::charset::{self, Fallback};

/// Bytes of a text body that are taken over; what is longer is in the raw bytes.
pub(crate) const MOST_TEXT: usize = 1 << 20;
/// `quality.degraded` code of a body that is longer.
pub(crate) const CUT: &str = "text_cut";

/// A parsed message.
#[derive(Debug)]
pub(crate) struct Mail<'x> {
    // An option so that it can be taken apart when it goes.
    message: Option<Message<'x>>,
    fallback: Fallback,
}

/// A message within a message is taken down piece by piece: one that is nested 100,000 deep would exhaust the stack.
impl Drop for Mail<'_> {
    fn drop(&mut self) {
        let mut waiting: Vec<_> = self.message.take().into_iter().collect();
        while let Some(message) = waiting.pop() {
            for part in message.parts {
                if let PartType::Message(inner) = part.body {
                    waiting.push(inner);
                }
            }
        }
    }
}

/// What can be parsed: encodings of Viet Nam and undeclared 8-bit characters in headers are UTF-8 afterwards.
pub(crate) fn prepared(raw: &[u8], fallback: Fallback) -> Cow<'_, [u8]> {
    words::readable(raw, fallback)
}

impl<'x> Mail<'x> {
    /// Parses what [`prepared`] gave; `None` of what is no mail.
    pub(crate) fn parse(prepared: &'x [u8], fallback: Fallback) -> Option<Self> {
        let message = MessageParser::default().parse(prepared);
        let mail = Self { message, fallback };
        // Any text is a header or two to a parser that never gives up.
        let known = [HeaderName::From, HeaderName::MessageId, HeaderName::Date, HeaderName::Subject, HeaderName::To];
        let other = ["received", "return-path", "mime-version", "content-type"];
        let is_mail = mail.parts().first()?.headers.iter().any(|header| {
            known.contains(&header.name) || other.iter().any(|name| header.name.as_str().eq_ignore_ascii_case(name))
        });
        is_mail.then_some(mail)
    }

    /// The parts, the message itself being the first. Those of enclosed messages are not among them.
    pub(crate) fn parts(&self) -> &[MessagePart<'x>] {
        self.message.as_ref().map(|message| message.parts.as_slice()).unwrap_or_default()
    }

    /// The last value of a header, as one line.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        self.headers(name).next_back()
    }

    /// All values of a header, from the top.
    pub(crate) fn headers<'a>(&'a self, name: &'a str) -> impl DoubleEndedIterator<Item = String> + 'a {
        let raw = self.message.as_ref().map(|message| message.raw_message.as_ref()).unwrap_or_default();
        let headers = self.parts().first().map(|part| part.headers.as_slice()).unwrap_or_default();
        headers.iter().filter(move |header| header.name.as_str().eq_ignore_ascii_case(name)).filter_map(move |header| {
            let value = raw.get(usize_of(header.offset_start)..usize_of(header.offset_end))?;
            let text = String::from_utf8_lossy(value);
            let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
            (!line.is_empty()).then_some(line)
        })
    }

    fn value(&self, name: &HeaderName<'static>) -> Option<&HeaderValue<'x>> {
        let headers = &self.parts().first()?.headers;
        headers.iter().rev().find(|header| header.name == *name).map(|header| &header.value)
    }

    /// The decoded subject.
    pub(crate) fn subject(&self) -> Option<String> {
        let subject = self.message.as_ref()?.subject()?;
        let subject = charset::composed(subject.trim());
        (!subject.is_empty()).then_some(subject)
    }

    /// Addresses of a header, with their names; those without an address are left out.
    pub(crate) fn addresses(&self, name: &HeaderName<'static>) -> Vec<(String, Option<String>)> {
        let Some(HeaderValue::Address(addresses)) = self.value(name) else { return Vec::new() };
        let all: Box<dyn Iterator<Item = _>> = match addresses {
            Address::List(list) => Box::new(list.iter()),
            Address::Group(groups) => Box::new(groups.iter().flat_map(|group| &group.addresses)),
        };
        let read = all.filter_map(|one| {
            let address = one.address.as_deref()?.trim();
            let name = one.name.as_deref().map(|name| charset::composed(name.trim())).filter(|name| !name.is_empty());
            (!address.is_empty()).then(|| (charset::composed(address), name))
        });
        read.take(MOST_ADDRESSES).collect()
    }

    /// Message ids of a header, without angle brackets.
    pub(crate) fn ids(&self, name: &HeaderName<'static>) -> Vec<String> {
        let ids: Vec<&str> = match self.value(name) {
            Some(HeaderValue::Text(one)) => vec![one],
            Some(HeaderValue::TextList(several)) => several.iter().map(AsRef::as_ref).collect(),
            Some(_) | None => Vec::new(),
        };
        let read = ids.into_iter().map(|id| id.trim().trim_matches(['<', '>']).trim());
        let mut read: Vec<_> = read.filter(|id| !id.is_empty() && id.len() <= 998).map(Into::into).collect();
        read.truncate(MOST_IDS);
        read
    }

    /// When it was written, in seconds since 1970.
    pub(crate) fn date(&self) -> Option<i64> {
        let date = self.message.as_ref()?.date()?;
        (date.year >= 1970 && date.month > 0 && date.day > 0).then(|| date.to_timestamp())
    }

    /// The main MIME type, `type/subtype` in lower case, and one of its attributes.
    pub(crate) fn is_report(&self, kind: &str) -> bool {
        let content_type = self.parts().first().and_then(|part| part.content_type());
        content_type.is_some_and(|found| {
            found.subtype().is_some_and(|subtype| subtype.eq_ignore_ascii_case("report"))
                && found.attribute("report-type").is_some_and(|report| report.eq_ignore_ascii_case(kind))
        })
    }

    /// Places of the parts that are the plain text body, and of those that are the HTML body.
    pub(crate) fn bodies(&self) -> (Vec<usize>, Vec<usize>) {
        let Some(message) = &self.message else { return (Vec::new(), Vec::new()) };
        let of = |places: &[u32], html: bool| {
            let places = places.iter().map(|place| usize_of(*place));
            places
                .filter(|place| {
                    self.parts().get(*place).is_some_and(|part| part.is_text_html() == html && part.is_text())
                })
                .collect()
        };
        (of(&message.text_body, false), of(&message.html_body, true))
    }

    /// The text of a part, decoded.
    pub(crate) fn text(&self, place: usize) -> String {
        let Some(part) = self.parts().get(place) else { return String::new() };
        let known = part.text_contents().unwrap_or_default();
        let label = part.content_type().and_then(|kind| kind.attribute("charset"));
        let text = charset::decode(label, &self.bytes(place), known, self.fallback);
        if flowed(part) { unflowed(&text) } else { text }
    }

    /// The bytes of a part as its author had them: without transfer encoding, and of text in its own encoding.
    pub(crate) fn bytes(&self, place: usize) -> Cow<'_, [u8]> {
        let (Some(message), Some(part)) = (&self.message, self.parts().get(place)) else { return Cow::Borrowed(&[]) };
        let raw = message.raw_message.get(usize_of(part.offset_body)..usize_of(part.offset_end)).unwrap_or_default();
        match (part.encoding, &part.body) {
            (_, PartType::Binary(bytes) | PartType::InlineBinary(bytes)) => Cow::Borrowed(bytes),
            (Encoding::None, _) => Cow::Borrowed(raw),
            (Encoding::Base64, _) => base64_decode(raw).map_or_else(|| part.contents().into(), Cow::Owned),
            (Encoding::QuotedPrintable, _) => {
                quoted_printable_decode(raw).map_or_else(|| part.contents().into(), Cow::Owned)
            }
        }
    }
}

const MOST_ADDRESSES: usize = 200;
const MOST_IDS: usize = 200;

fn usize_of(place: u32) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}

fn flowed(part: &MessagePart<'_>) -> bool {
    let format = part.content_type().and_then(|kind| kind.attribute("format"));
    format.is_some_and(|format| format.eq_ignore_ascii_case("flowed"))
}

/// Joins lines that end with a space (RFC 3676), but for the mark before a signature.
fn unflowed(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    let mut open = false;
    for line in text.lines() {
        let depth = line.bytes().take_while(|byte| *byte == b'>').count();
        let line = if depth == 0 { line.strip_prefix(' ').unwrap_or(line) } else { line };
        if open && depth == 0 {
            joined.push_str(line);
        } else {
            if !joined.is_empty() {
                joined.push('\n');
            }
            joined.push_str(line);
        }
        open = depth == 0 && line.ends_with(' ') && line != "-- ";
    }
    joined
}

/// Cuts a text to what is taken over, at the end of a character.
pub(crate) fn cut(mut text: String) -> (String, Option<&'static str>) {
    if text.len() <= MOST_TEXT {
        return (text, None);
    }
    let end = (0..=MOST_TEXT).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    text.truncate(end);
    (text, Some(CUT))
}

#[cfg(test)]
mod tests;
