//! Addresses that may be followed.

/// The address, when it is an absolute http or https one. Meta also sends paths (`/reel/…`) and bare file names where
/// an address should be; resolving those against anything would be a guess.
pub(crate) fn web(address: Option<String>) -> Option<String> {
    address.filter(|address| is_web(address))
}

fn is_web(address: &str) -> bool {
    let Some((scheme, rest)) = address.split_once("://") else { return false };
    (scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http"))
        && !rest.is_empty()
        && !rest.starts_with(['/', '?', '#'])
        && !address.contains(|c: char| c.is_whitespace() || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::is_web;

    #[test]
    fn only_absolute_web_addresses_are_taken_over() {
        for address in ["https://a.test", "http://a.test/b?c=d", "HTTPS://a.test/é"] {
            assert!(is_web(address), "{address}");
        }
        for other in [
            "",
            "/reel/1/",
            "photo.jpg",
            "//a.test/x",
            "ftp://a.test",
            "javascript://a",
            "https://",
            "https:///x",
            "https://a b",
        ] {
            assert!(!is_web(other), "{other}");
        }
    }
}
