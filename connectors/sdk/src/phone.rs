//! Whom a message or call is from or for: numbers of the world (E.164), short codes, names.

mod vietnam;

pub use vietnam::vietnamese;

/// Whom a message or call is from or for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Address {
    /// A number as `+` and 8 to 15 digits, E.164.
    Phone(String),
    /// A number of 3 to 7 digits within a network.
    ShortCode(String),
    /// A number that is paid for or free, and cannot be dialled from abroad: `1900…`, `1800…`.
    Service(String),
    /// A name, such as a brandname. It cannot be answered.
    Name(String),
    /// Something else, as it was written.
    Other(String),
}

impl Address {
    /// The scheme of an identity; `other` is the channel's own, for what is none of these.
    pub const fn scheme(&self, other: &'static str) -> &'static str {
        match self {
            Self::Phone(_) => "phone",
            Self::ShortCode(_) => "short_code",
            Self::Service(_) => "service_number",
            Self::Name(_) => "alphanumeric",
            Self::Other(_) => other,
        }
    }

    /// The address.
    pub fn value(&self) -> &str {
        match self {
            Self::Phone(value)
            | Self::ShortCode(value)
            | Self::Service(value)
            | Self::Name(value)
            | Self::Other(value) => value,
        }
    }
}

/// How a provider writes numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbers {
    /// With the country's code, with or without `+`.
    International,
    /// As people in Viet Nam do: national, with 84, and from before 2018.
    Vietnamese,
}

impl Numbers {
    /// Reads an address.
    pub fn read(self, text: &str) -> Address {
        match self {
            Self::International => international(text),
            Self::Vietnamese => vietnamese(text),
        }
    }
}

/// Reads an address whose numbers are written with the country's code, also without `+`.
pub fn international(text: &str) -> Address {
    let text = text.trim();
    match digits(text) {
        Some((_, digits)) if is_e164(&digits) => Address::Phone(format!("+{digits}")),
        Some((false, digits)) if (3..=7).contains(&digits.len()) => Address::ShortCode(digits),
        Some(_) => Address::Other(text.into()),
        None => name(text),
    }
}

fn is_e164(digits: &str) -> bool {
    (8..=15).contains(&digits.len()) && !digits.starts_with('0')
}

/// Digits alone, and whether a plus stands before them; `None` for what has anything else in it than what people put
/// between digits.
fn digits(text: &str) -> Option<(bool, String)> {
    const LONGEST: usize = 40;
    let (plus, rest) = text.strip_prefix('+').map_or((false, text), |rest| (true, rest));
    let between = |c: char| matches!(c, ' ' | '-' | '.' | '(' | ')');
    if rest.len() > LONGEST || !rest.chars().all(|c| c.is_ascii_digit() || between(c)) {
        return None;
    }
    let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
    (!digits.is_empty()).then_some((plus, digits))
}

fn name(text: &str) -> Address {
    if is_brandname(text) { Address::Name(text.into()) } else { Address::Other(text.into()) }
}

/// Whether a text can be a sender's name: at most 11 letters, digits, `-`, `_`, `.` and spaces, not digits only.
pub fn is_brandname(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b' ');
    (1..=11).contains(&text.len())
        && text.bytes().all(allowed)
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
        && text.trim() == text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_the_world_get_their_plus() {
        let phone = |number: &str| Address::Phone(number.into());
        assert_eq!(international("84900000001"), phone("+84900000001"));
        assert_eq!(international("+84 900 000 001"), phone("+84900000001"));
        assert_eq!(international("8079"), Address::ShortCode("8079".into()));
        assert_eq!(international("MYSHOP"), Address::Name("MYSHOP".into()));
        for other in ["0912345678", "+123", "1", "", "+", "84900000001x1234567890", "1234567890123456"] {
            assert!(matches!(international(other), Address::Other(_)), "{other}");
        }
    }

    #[test]
    fn a_name_is_short_and_no_number() {
        for name in ["MYSHOP", "My Shop-1.0", "A", "12345678abc"] {
            assert!(is_brandname(name), "{name}");
        }
        for no in ["", "123456", "MYSHOPISLONG", "Cửa hàng", " MYSHOP", "A\n", "a/b"] {
            assert!(!is_brandname(no), "{no}");
        }
    }
}
