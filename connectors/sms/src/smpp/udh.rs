//! The header at the beginning of a message's octets (3GPP TS 23.040 section 9.2.3.24), and what parts say of themselves.

/// Where a part belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// How it was said: an 8-bit header, a 16-bit one, or beside the text. Each has its own references.
    pub(super) kind: &'static str,
    pub(super) reference: u16,
    pub(super) total: u8,
    pub(super) number: u8,
}

impl Place {
    /// One that can be; what says that it is part 3 of 2, or one of none, stands for itself.
    pub(super) fn possible(self) -> Option<Self> {
        (self.total > 1 && (1..=self.total).contains(&self.number)).then_some(self)
    }
}

/// Parts the octets of a message into what its header says and the text; `None` where the header is longer than the message.
pub(super) fn split(octets: &[u8]) -> Option<(Option<Place>, &[u8])> {
    let (length, rest) = octets.split_first()?;
    let (mut elements, text) = rest.split_at_checked(usize::from(*length))?;
    let mut place = None;
    // Each element: which, how many octets, the octets.
    while let [which, length, rest @ ..] = elements {
        let Some((element, rest)) = rest.split_at_checked(usize::from(*length)) else { break };
        let found = match (which, element) {
            (0x00, [reference, total, number]) => Some(("udh8", u16::from(*reference), *total, *number)),
            (0x08, [high, low, total, number]) => Some(("udh16", u16::from_be_bytes([*high, *low]), *total, *number)),
            _ => None,
        };
        let found = found.map(|(kind, reference, total, number)| Place { kind, reference, total, number });
        // Of several the last one counts, as the standard says.
        place = found.or(place);
        elements = rest;
    }
    Some((place, text))
}

/// The header of a part.
pub(super) fn header(wide: bool, reference: u16, total: u8, number: u8) -> Vec<u8> {
    let [high, low] = reference.to_be_bytes();
    if wide { vec![6, 8, 4, high, low, total, number] } else { vec![5, 0, 3, low, total, number] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(kind: &'static str, reference: u16, total: u8, number: u8) -> Place {
        Place { kind, reference, total, number }
    }

    #[test]
    fn a_header_says_where_the_part_belongs() {
        assert_eq!(split(b"\x05\x00\x03\xa7\x02\x01hi"), Some((Some(place("udh8", 0xa7, 2, 1)), &b"hi"[..])));
        assert_eq!(split(b"\x06\x08\x04\x01\xa7\x03\x02hi"), Some((Some(place("udh16", 0x1a7, 3, 2)), &b"hi"[..])));
        let ports = b"\x0b\x05\x04\x0b\x84\x23\xf0\x00\x03\x07\x02\x02x";
        assert_eq!(split(ports), Some((Some(place("udh8", 7, 2, 2)), &b"x"[..])), "another element stands before it");
        assert_eq!(split(b"\x06\x05\x04\x0b\x84\x23\xf0x"), Some((None, &b"x"[..])));
        assert_eq!(split(b"\x03\x00\x09\x01x"), Some((None, &b"x"[..])), "an element that ends behind its header");
        for odd in [&b""[..], b"\x05\x00"] {
            assert_eq!(split(odd), None);
        }
        for wide in [false, true] {
            let header = header(wide, 0x1a7, 4, 3);
            let (found, text) = split(&header).unwrap();
            assert_eq!((found.unwrap().number, found.unwrap().total, text), (3, 4, &b""[..]));
        }
    }

    #[test]
    fn impossible_places_are_none() {
        for (total, number) in [(0, 0), (1, 1), (2, 0), (2, 3)] {
            assert_eq!(place("udh8", 1, total, number).possible(), None, "{number} of {total}");
        }
        assert_eq!(place("udh8", 1, 2, 2).possible(), Some(place("udh8", 1, 2, 2)));
    }
}
