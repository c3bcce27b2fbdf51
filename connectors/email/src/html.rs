//! HTML bodies as plain text, with the place where a quoted mail begins.

use html2text::{config, render::PlainDecorator};

/// Stands on a line of its own where the HTML of a mail program says that what follows is quoted. Of the private use area:
/// no mail means anything by it.
pub(crate) const QUOTE_BEGINS: char = '\u{e000}';

/// What mail programs put where a quoted mail begins, in lower case: Gmail, Outlook on the web, Outlook, Yahoo, Apple Mail,
/// Thunderbird, mail.ru, Yandex, Zimbra, Proton.
const QUOTES: &[&str] = &[
    "class=\"gmail_quote",
    "class=gmail_quote",
    "class=\"gmail_extra\"><br><div class=\"gmail_quote",
    "id=\"divrplyfwdmsg\"",
    "id=\"appendonsend\"",
    "id=\"olk_src_body_section\"",
    "id=\"stopspelling\"",
    "border-top:solid #e1e1e1",
    "border-top:solid #b5c4df",
    "border-top: solid #b5c4df",
    "border-top:solid windowtext 1.0pt",
    "class=\"yahoo_quoted\"",
    "id=\"yahoo_quoted",
    "id=\"mail-editor-reference-message-container\"",
    "id=\"ms-outlook-mobile-signature\"",
    "class=\"moz-cite-prefix\"",
    "class=\"protonmail_quote",
    "class=\"zmail_extra",
    "class=\"outlookmessageheader\"",
    "class=outlookmessageheader",
    "name=\"quote\"",
    "data-marker=\"__quoted_text__\"",
];

/// Wider than any line of a mail: lines are broken where the sender broke them.
const WIDTH: usize = 2000;
/// Tags a converter is given; more of them are no letter.
const MOST_TAGS: usize = 50_000;

/// Plain text of HTML; `None` of what cannot be converted.
pub(crate) fn to_text(html: &str) -> Option<String> {
    if html.bytes().filter(|byte| *byte == b'<').count() > MOST_TAGS {
        return None;
    }
    let prepared = marked(&without_rules(html));
    let config = config::with_decorator(PlainDecorator::new())
        .link_footnotes(false)
        .raw_mode(true)
        .no_table_borders()
        .allow_width_overflow();
    let text = config.string_from_read(prepared.as_bytes(), WIDTH).ok()?;
    let lines = text.lines().map(|line| line.trim_end().replace('\u{a0}', " "));
    Some(lines.collect::<Vec<_>>().join("\n").trim_matches('\n').to_owned())
}

/// Plain text of HTML that was written here: nothing in it is quoted.
pub(crate) fn to_plain(html: &str) -> Option<String> {
    to_text(html).map(|text| text.replace(QUOTE_BEGINS, "").trim().to_owned())
}

/// A rule would become a line as wide as the page.
fn without_rules(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        text.push_str(before);
        let is_rule = tag.get(1..3).is_some_and(|name| name.eq_ignore_ascii_case("hr"))
            && !tag.as_bytes().get(3).is_some_and(u8::is_ascii_alphanumeric);
        let skip = if is_rule { 3 } else { 1 };
        text.push_str(if is_rule { "<br" } else { "<" });
        rest = tag.get(skip..).unwrap_or_default();
    }
    text.push_str(rest);
    text
}

/// With [`QUOTE_BEGINS`] before the first tag that begins a quoted mail.
fn marked(html: &str) -> String {
    let lower = html.to_ascii_lowercase();
    let found = QUOTES.iter().filter_map(|mark| lower.find(mark)).min();
    let tag = found.and_then(|at| lower.get(..at)?.rfind('<'));
    let Some((before, behind)) = tag.and_then(|tag| html.split_at_checked(tag)) else { return html.to_owned() };
    format!("{before}<p>{QUOTE_BEGINS}</p>{behind}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_reads_like_one() {
        let html = "<style>p{}</style><script>x()</script><p>Chào <b>shop</b>,</p><blockquote>cũ</blockquote>\
                    <a href='https://x.test'>đây</a><ul><li>một</ul><hr><img src=x>";
        let text = to_text(html).unwrap();
        assert!(text.starts_with("Chào shop,\n\n> cũ\n"), "{text}");
        assert!(
            text.contains("đây") && text.contains("* một") && !text.contains("x()") && !text.contains("──"),
            "{text}"
        );
    }

    #[test]
    fn the_quoted_mail_is_found() {
        let html = "<div>Vâng</div><div class=\"gmail_quote\">Vào T2 A đã viết:<blockquote>cũ</blockquote></div>";
        let text = to_text(html).unwrap();
        assert_eq!(text.split(QUOTE_BEGINS).next().unwrap().trim(), "Vâng");
    }

    #[test]
    fn hostile_html_is_bounded() {
        for tag in ["<div>", "<b>", "<table><tr><td>", "<blockquote>", "<ul><li>"] {
            let deep = tag.repeat(5_000);
            let text = to_text(&deep);
            assert!(text.is_none_or(|text| text.len() <= 16 * deep.len()), "{tag}");
        }
        assert_eq!(to_text(&"<".repeat(MOST_TAGS + 1)), None);
        assert!(to_text(&"<hr>".repeat(1000)).is_some_and(|text| text.len() < 4000));
    }
}
