//! Text in Slack's markup. See <https://docs.slack.dev/messaging/formatting-message-text#escaping>.

use kenh_proto::v1::{Text, TextFormat};

/// Keeps what people wrote from being taken for markup: three characters, no more.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Whether a text is marked up as Slack does it, and has been escaped by whoever did that.
pub(super) fn is_marked(text: &Text) -> bool {
    text.format() == TextFormat::Markdown
}

/// A text as methods take it.
pub(super) fn written(text: &Text) -> String {
    if is_marked(text) { text.body.clone() } else { escaped(&text.body) }
}

/// An address with a name; what could end it early is coded.
pub(super) fn link(url: &str, name: &str) -> String {
    let url = escaped(&url.replace('|', "%7C").replace('>', "%3E").replace('<', "%3C"));
    format!("<{url}|{}>", escaped(&name.replace('|', "¦")))
}
