//! Addresses that may be followed.

/// Whether this is an absolute http or https address. Channels also send paths and bare file names where an address
/// should be; resolving those against anything would be a guess.
pub fn is_web(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    (scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http"))
        && !host.is_empty()
        && !url.contains(|character: char| character.is_whitespace() || character.is_control())
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
