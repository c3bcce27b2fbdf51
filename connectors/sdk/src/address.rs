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

/// Host and port of an address that may be called with a token: https, or plain http to this machine. `None` for any other,
/// and for one that holds a name and password.
pub fn host(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://").filter(|_| is_web(url))?;
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let safe = scheme.eq_ignore_ascii_case("https") || is_here(authority);
    (safe && !authority.contains('@')).then_some(authority)
}

/// Whether an address's host and port, as [`host`] gives them, are those of a setting of [`hosts`]. One that begins with a dot
/// stands for all hosts below it, without a port.
pub fn is_of(host: &str, trusted: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    if !trusted.starts_with('.') {
        return host.eq_ignore_ascii_case(trusted);
    }
    let below = host.len().checked_sub(trusted.len()).and_then(|place| host.split_at_checked(place));
    let is_below = |(name, rest): (&str, &str)| !name.is_empty() && rest.eq_ignore_ascii_case(trusted);
    host.bytes().all(plain) && below.is_some_and(is_below)
}

/// Reads a list of hosts that tokens may go to, `default` where it is absent: `files.example.com`, also with a port, or
/// `.example.com` for all below it.
pub fn hosts(settings: &mut Section<'_>, key: &'static str, default: &[&str]) -> Vec<String> {
    let read = settings.texts(key);
    let is_host = |name: &str| host(&format!("https://{name}/")) == Some(name);
    let is_one = |name: &String| match name.strip_prefix('.') {
        Some(domain) => is_host(domain) && domain.contains('.') && !domain.starts_with('.'),
        None => is_host(name),
    };
    if !read.iter().all(is_one) {
        let wanted = "expected names of hosts, without https:// and path; `.example.com` for all below example.com";
        settings.fault(key, wanted);
    }
    if read.is_empty() { default.iter().map(|name| (*name).to_owned()).collect() } else { read }
}

/// Whether an id is digits alone, 1 to 20, as it can stand in an address.
pub fn is_number(id: &str) -> bool {
    (1..=20).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_here(authority: &str) -> bool {
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

/// Reads the address of a channel's API, without a slash at its end: `default` where it is absent, required where that is empty.
/// Tokens go there, so without TLS only to this machine.
pub fn api(settings: &mut Section<'_>, key: &'static str, default: &str) -> String {
    let url = match settings.text(key) {
        Some(url) => url,
        None if default.is_empty() => settings.required_text(key),
        None => return default.to_owned(),
    };
    if !url.is_empty() && (host(&url).is_none() || url.contains(['?', '#', '@', '{'])) {
        settings.fault(key, "expected an https address of the channel's API; plain http only to this machine");
    }
    url.trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_goes_where_it_is_encrypted_or_stays_on_this_machine() {
        for (url, named) in [
            ("https://smba.example.test/emea/", Some("smba.example.test")),
            ("HTTPS://smba.example.test:8443?x", Some("smba.example.test:8443")),
            ("http://127.0.0.1:8080/x", Some("127.0.0.1:8080")),
            ("http://smba.example.test/", None),
            ("https://smba.example.test@evil.example.test/", None),
            ("https://evil.example.test\\@smba.example.test/", Some("evil.example.test")),
            ("https://evil.example.test#@smba.example.test/", Some("evil.example.test")),
            ("ftp://smba.example.test/", None),
            ("smba.example.test", None),
        ] {
            assert_eq!(host(url), named, "{url}");
        }
    }

    #[test]
    fn a_host_is_the_one_that_is_named_or_lies_below_it() {
        for (host, trusted, expected) in [
            ("media.example.test", "media.example.test", true),
            ("MEDIA.example.test", "media.example.test", true),
            ("media.example.test:8443", "media.example.test:8443", true),
            ("media.example.test:8443", "media.example.test", false),
            ("evilmedia.example.test", "media.example.test", false),
            ("a.media.example.test", "media.example.test", false),
            ("a.b.example.test", ".example.test", true),
            ("a.EXAMPLE.test", ".example.test", true),
            ("example.test", ".example.test", false),
            (".example.test", ".example.test", false),
            ("evilexample.test", ".example.test", false),
            ("evil.test/.example.test", ".example.test", false),
            ("evil.test%2f.example.test", ".example.test", false),
            ("a.example.test:8443", ".example.test", false),
            ("é.example.test", ".example.test", false),
        ] {
            assert_eq!(is_of(host, trusted), expected, "{host} {trusted}");
        }
    }

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
