//! The body of a mail: text, HTML, what the HTML shows, and files.

use kenh_proto::v1::{Message, TextFormat};
use lettre::message::{
    Attachment, Body as MailBody, MultiPart, MultiPartBuilder, SinglePart,
    header::{ContentTransferEncoding, ContentType},
};

use super::Attached;
use crate::html;

/// What a mail's body is.
pub(super) enum Body {
    Single(SinglePart),
    Multi(MultiPart),
}

/// Puts it together (RFC 2046, 2183, 2387). `boundary`: letters and digits that no text holds by accident.
pub(super) fn body(message: &Message, files: &[Attached<'_>], boundary: &str) -> Body {
    let (plain, html) = words(message);
    let is_shown = |file: &&Attached<'_>| html.is_some() && file.0.inline && file.0.content_id.is_some();
    let shown: Vec<_> = files.iter().filter(is_shown).collect();
    let hung: Vec<_> = files.iter().filter(|file| !is_shown(file)).collect();
    let multi = |kind: fn() -> MultiPartBuilder, name| kind().boundary(format!("{name}-{boundary}"));
    let mut body = Body::Single(SinglePart::plain(plain));
    if let Some(html) = html {
        let mut rich = Body::Single(SinglePart::html(html));
        if !shown.is_empty() {
            let related = started(multi(MultiPart::related, "related"), rich);
            rich = Body::Multi(shown.into_iter().fold(related, |related, file| related.singlepart(part(file, true))));
        }
        let alternative = started(multi(MultiPart::alternative, "alternative"), body);
        body = Body::Multi(match rich {
            Body::Single(rich) => alternative.singlepart(rich),
            Body::Multi(rich) => alternative.multipart(rich),
        });
    }
    if !hung.is_empty() {
        let mixed = started(multi(MultiPart::mixed, "mixed"), body);
        body = Body::Multi(hung.into_iter().fold(mixed, |mixed, file| mixed.singlepart(part(file, false))));
    }
    body
}

fn started(builder: MultiPartBuilder, first: Body) -> MultiPart {
    match first {
        Body::Single(first) => builder.singlepart(first),
        Body::Multi(first) => builder.multipart(first),
    }
}

/// The words, plain and in HTML.
fn words(message: &Message) -> (String, Option<String>) {
    let email = message.email.as_ref();
    let given = email.and_then(|email| email.html.clone()).filter(|html| !html.is_empty());
    let (text, format) = message.text.as_ref().map(|text| (text.body.as_str(), text.format())).unwrap_or_default();
    let (plain, html) = match (format, given) {
        (TextFormat::Html, given) => (None, given.or_else(|| Some(text.to_owned()))),
        (TextFormat::Unspecified | TextFormat::Plain | TextFormat::Markdown, given) => {
            (Some(text.to_owned()).filter(|text| !text.is_empty() || given.is_none()), given)
        }
    };
    let plain = plain.or_else(|| html.as_deref().and_then(html::to_plain)).unwrap_or_default();
    // Lines end with CR and LF on the way (RFC 5322, 2.1).
    (lines(&plain), html.as_deref().map(lines))
}

fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n")
}

fn part((media, file): &Attached<'_>, is_shown: bool) -> SinglePart {
    let kind = ContentType::parse(&file.mime).unwrap_or(ContentType::TEXT_PLAIN);
    // A message within a message is not coded as other files are (RFC 2046, 5.2.1), and text would be taken for the body.
    let octets = || ContentType::parse("application/octet-stream").unwrap_or(ContentType::TEXT_PLAIN);
    let kind = if file.mime.starts_with("message/") || file.mime.starts_with("multipart/") { octets() } else { kind };
    let id = media.content_id.as_deref().filter(|id| is_shown && id.bytes().all(|byte| byte.is_ascii_graphic()));
    let attachment = match id {
        Some(id) => Attachment::new_inline_with_name(id.to_owned(), file.name.clone()),
        None => Attachment::new(file.name.clone()),
    };
    // The library would send ASCII as it is, and servers on the way mend the ends of its lines.
    let bytes = file.bytes.to_vec();
    let coded = match MailBody::new_with_encoding(bytes, ContentTransferEncoding::Base64) {
        Ok(coded) => coded,
        Err(bytes) => MailBody::new(bytes),
    };
    attachment.body(coded, kind)
}
