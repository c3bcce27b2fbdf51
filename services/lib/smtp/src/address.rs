//! Paths of MAIL and RCPT: `<local@domain>` (RFC 5321, 4.1.2; RFC 6531, 3.3).

/// Longest path, with its angle brackets (RFC 5321, 4.5.3.1.3).
const LONGEST: usize = 256;

/// A path and what stands behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Path<'a> {
    /// Without angle brackets and without a source route. Empty: the sender of bounces.
    pub(crate) address: &'a str,
    /// Parameters, each behind a space.
    pub(crate) parameters: &'a str,
}

/// Reads a path. A source route (`@a,@b:`) is left out, as the standard wants (RFC 5321, appendix C).
pub(crate) fn path(text: &str) -> Option<Path<'_>> {
    let inner = text.trim_start_matches(' ').strip_prefix('<')?;
    let end = end(inner)?;
    let (address, rest) = inner.split_at_checked(end)?;
    let parameters = rest.strip_prefix('>')?;
    if address.len() + 2 > LONGEST || !(parameters.is_empty() || parameters.starts_with(' ')) {
        return None;
    }
    let address = match address.strip_prefix('@') {
        Some(routed) => routed.split_once(':')?.1,
        None => address,
    };
    is_sound(address).then_some(Path { address, parameters })
}

/// Where the closing bracket is: one between quotes belongs to the name.
fn end(inner: &str) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    for (place, byte) in inner.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'>' if !quoted => return Some(place),
            _ => {}
        }
    }
    None
}

/// Nobody, or a name and a domain without a character that could be taken for the end of one.
fn is_sound(address: &str) -> bool {
    if address.is_empty() {
        return true;
    }
    let Some((local, domain)) = address.rsplit_once('@') else { return false };
    let odd = |c: char| c.is_control() || c.is_whitespace() || matches!(c, '<' | '>' | ',' | ';');
    let quoted = local.len() >= 2 && local.starts_with('"') && local.ends_with('"');
    let local_is_sound = if quoted {
        !local.chars().any(char::is_control)
    } else {
        !local.is_empty() && !local.contains(['"', '@']) && !local.chars().any(odd)
    };
    local_is_sound && !domain.is_empty() && !domain.contains(['"', '@']) && !domain.chars().any(odd)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_and_what_only_looks_like_one_is_not() {
        let address = |text| path(text).map(|path| path.address);
        assert_eq!(address("<a@b.test>"), Some("a@b.test"));
        assert_eq!(address(" <a+t-1@b.test>"), Some("a+t-1@b.test"));
        assert_eq!(address("<>"), Some(""));
        assert_eq!(address("<@x.test,@y.test:a@b.test>"), Some("a@b.test"));
        assert_eq!(address("<\"a b>\"@b.test>"), Some("\"a b>\"@b.test"));
        assert_eq!(address("<hỗ-trợ@b.test>"), Some("hỗ-trợ@b.test"));
        assert_eq!(address("<a@[192.0.2.1]>"), Some("a@[192.0.2.1]"));
        assert_eq!(path("<a@b.test> SIZE=1").map(|path| path.parameters), Some(" SIZE=1"));
        for odd in [
            "a@b.test",
            "<a@b.test",
            "<a@b.test>x",
            "<a b@c.test>",
            "<a@b@c.test>",
            "<@b.test>",
            "<a@>",
            "<a>",
            "<a@b.test,c@d.test>",
            "<a\u{a0}@b.test>",
            "<a\u{85}b@c.test>",
            "",
        ] {
            assert_eq!(path(odd), None, "{odd}");
        }
        assert_eq!(path(&format!("<{}@b.test>", "a".repeat(250))), None);
    }
}
