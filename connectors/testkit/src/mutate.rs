//! Changes to bytes: what lines, proxies and careless senders do to them, and what an attacker does.

use crate::{Chance, spans};

/// What stands well in the wrong place.
const TOKENS: &[&[u8]] = &[
    b"null",
    b"true",
    b"{}",
    b"[]",
    b"\"\"",
    b"-1",
    b"-0.0",
    b"1e999",
    b"1e-999",
    b"0.1",
    b"99999999999999999999",
    b"9223372036854775808",
    b"253402300800000",
    b"\"\\ud800\"",
    b"\\ud800",
    b"\\udc00\\ud800",
    b"\\u0000",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xf0\x9f\x98\x80",
    b"\"",
    b"\\",
    b"\n",
    b": &a *a",
    b"%",
];

/// Changes bytes in up to four places; `other` lends a stretch of its own.
pub fn mutate(bytes: &[u8], other: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=chance.below(4) {
        bytes = once(bytes, other, chance);
    }
    bytes
}

fn once(mut bytes: Vec<u8>, other: &[u8], chance: &mut Chance) -> Vec<u8> {
    let at = chance.below(bytes.len() + 1);
    let end = (at + chance.below(24)).min(bytes.len());
    let (range, piece) = match chance.below(9) {
        0 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << chance.below(8);
            }
            return bytes;
        }
        1 => (at..at, vec![u8::try_from(chance.below(256)).unwrap_or_default()]),
        2 => (at..end, Vec::new()),
        3 => (at..end, bytes.get(at..end).unwrap_or_default().repeat(2)),
        4 => (at..end, token(chance)),
        5 => (at..at, token(chance)),
        6 => (at..bytes.len(), other.get(chance.below(other.len() + 1)..).unwrap_or_default().to_vec()),
        7 => number(&bytes, at, chance),
        _ => value(&bytes, other, chance),
    };
    bytes.splice(range, piece);
    bytes
}

fn token(chance: &mut Chance) -> Vec<u8> {
    chance.pick(TOKENS).copied().unwrap_or_default().to_vec()
}

/// Blows up the number at or behind a place.
fn number(bytes: &[u8], at: usize, chance: &mut Chance) -> (std::ops::Range<usize>, Vec<u8>) {
    let rest = bytes.get(at..).unwrap_or_default();
    let Some(start) = rest.iter().position(u8::is_ascii_digit).map(|found| at + found) else {
        return (at..at, token(chance));
    };
    let digits = bytes.get(start..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_digit()).count();
    let blown: &[u8] = match chance.below(5) {
        0 => b"18446744073709551616",
        1 => b"9007199254740993",
        2 => b"-1",
        3 => b"1e400",
        _ => b"0",
    };
    (start..start + digits, blown.to_vec())
}

/// Puts another JSON value in the place of one, or a member before itself once more.
fn value(bytes: &[u8], other: &[u8], chance: &mut Chance) -> (std::ops::Range<usize>, Vec<u8>) {
    let (values, others, members) = (spans::values(bytes), spans::values(other), spans::members(bytes));
    let piece = |of: &[u8], span: Option<&std::ops::Range<usize>>| -> Vec<u8> {
        span.and_then(|span| of.get(span.clone())).unwrap_or_default().to_vec()
    };
    if chance.below(4) == 0 {
        let Some(member) = chance.pick(&members) else { return (0..0, Vec::new()) };
        return (member.start..member.start, [piece(bytes, Some(member)).as_slice(), b","].concat());
    }
    let Some(place) = chance.pick(&values).cloned() else { return (0..0, Vec::new()) };
    let piece = match chance.below(3) {
        0 => piece(bytes, chance.pick(&values)),
        1 => piece(other, chance.pick(&others)),
        _ => token(chance),
    };
    (place, piece)
}
