//! Addresses that may be followed.

use crate::Section;

/// Whether this is an absolute http or https address. Channels also send paths and bare file names where an address
/// should be; resolving those against anything would be a guess.
pub fn is_web(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    (scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http"))
        && !host.is_empty()
        && !url.contains(|character: char| character.is_whitespace() || character.is_control())
}

/// Whether this is a web address that a token may be sent to: https, or this machine.
pub fn is_private(url: &str) -> bool {
    let authority = url.split_once("://").and_then(|(_, rest)| rest.split('/').next()).unwrap_or_default();
    let here = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    is_web(url) && (url.starts_with("https://") || matches!(here, "localhost" | "127.0.0.1" | "[::1]"))
}

/// Reads the address of a channel's API, without a slash at its end: `default` where it is absent, required where that is empty.
/// Tokens go there, so without TLS only to this machine.
pub fn api(settings: &mut Section<'_>, key: &'static str, default: &str) -> String {
    let url = match settings.text(key) {
        Some(url) => url,
        None if default.is_empty() => settings.required_text(key),
        None => return default.to_owned(),
    };
    if !url.is_empty() && (!is_private(&url) || url.contains(['?', '#', '@', '{'])) {
        settings.fault(key, "expected an https address of the channel's API; plain http only to this machine");
    }
    url.trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_absolute_web_addresses_are_addresses() {
        assert!(is_web("https://media.example.test/p.jpg") && is_web("HTTP://a/b?c"));
        for no in [
            "",
            "/p.jpg",
            "//a/p.jpg",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "https://",
            "https:///p",
            "https://a/\n",
        ] {
            assert!(!is_web(no), "{no}");
        }
    }
}
