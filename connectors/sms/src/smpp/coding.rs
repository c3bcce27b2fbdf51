//! Octets into text and back, by `data_coding` (SMPP 3.4 section 5.2.19, 3GPP TS 23.038).

use super::Dialect;
use crate::text::gsm7;

/// An alphabet of one octet a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alphabet {
    /// The GSM default alphabet, one septet an octet, with its extension table.
    Gsm7,
    /// ISO 8859-1.
    Latin1,
    /// ASCII.
    Ascii,
}

/// In which order the octets of a unit come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ByteOrder {
    /// The high one first, as the specification has it.
    Big,
    /// The low one first.
    Little,
}

/// How octets are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Alphabet(Alphabet),
    Ucs2(ByteOrder),
    /// By name, as the web's standard has it.
    Named(&'static encoding_rs::Encoding),
    /// No text.
    Binary,
}

/// `data_coding` of the GSM default alphabet, and of UCS-2.
pub(super) const DEFAULT: u8 = 0;
pub(super) const UCS2: u8 = 8;

impl Coding {
    /// What a `data_coding` says. Groups of TS 23.038 beside SMPP's own values.
    pub(super) fn of(value: u8, dialect: Dialect) -> Self {
        let ucs2 = Self::Ucs2(dialect.byte_order);
        let default = Self::Alphabet(dialect.default_alphabet);
        match value {
            0 | 0xc0..=0xdf => default,
            1 => Self::Alphabet(dialect.ia5_alphabet),
            3 => Self::Alphabet(Alphabet::Latin1),
            5 | 0x0a => Self::Named(encoding_rs::ISO_2022_JP),
            6 => Self::Named(encoding_rs::ISO_8859_5),
            7 => Self::Named(encoding_rs::ISO_8859_8),
            8 | 0xe0..=0xef => ucs2,
            0x0d => Self::Named(encoding_rs::EUC_JP),
            0x0e => Self::Named(encoding_rs::EUC_KR),
            // General groups, not compressed: bits 3 and 2 say which alphabet.
            0x10..=0x1f => match value & 0x0c {
                0x00 => default,
                0x08 => ucs2,
                _ => Self::Binary,
            },
            0xf0..=0xff if value & 0x04 == 0 => default,
            2 | 4 | 9 | 0x0b | 0x0c | 0x0f | 0x20..=0xbf | 0xf0..=0xff => Self::Binary,
        }
    }
}

/// Text, and what had to be mended to read it. `None` for what is no text.
pub(super) fn decode(octets: &[u8], coding: Coding) -> Option<(String, Option<&'static str>)> {
    match coding {
        Coding::Alphabet(Alphabet::Gsm7) => Some(gsm7::read(octets)),
        Coding::Alphabet(Alphabet::Latin1) => Some((octets.iter().copied().map(char::from).collect(), None)),
        Coding::Alphabet(Alphabet::Ascii) => {
            let is_ascii = octets.is_ascii();
            let read = |octet: &u8| if octet.is_ascii() { char::from(*octet) } else { char::REPLACEMENT_CHARACTER };
            Some((octets.iter().map(read).collect(), (!is_ascii).then_some("undecodable_characters")))
        }
        Coding::Ucs2(order) => Some(utf16(octets, order)),
        Coding::Named(encoding) => {
            let (text, faults) = encoding.decode_without_bom_handling(octets);
            Some((text.into_owned(), faults.then_some("undecodable_characters")))
        }
        Coding::Binary => None,
    }
}

fn utf16(octets: &[u8], order: ByteOrder) -> (String, Option<&'static str>) {
    let pairs = octets.chunks_exact(2);
    // Some message centres cut an octet off, or leave one over.
    let odd = !pairs.remainder().is_empty();
    let units = pairs.filter_map(|pair| <[u8; 2]>::try_from(pair).ok()).map(|pair| match order {
        ByteOrder::Big => u16::from_be_bytes(pair),
        ByteOrder::Little => u16::from_le_bytes(pair),
    });
    let mut faults = odd;
    let read = |unit: Result<char, _>| {
        unit.unwrap_or_else(|_| {
            faults = true;
            char::REPLACEMENT_CHARACTER
        })
    };
    let text = char::decode_utf16(units).map(read).collect();
    (text, faults.then_some("undecodable_characters"))
}

/// Octets of a text in an alphabet; `None` where it has not all its characters.
pub(super) fn encode(text: &str, alphabet: Alphabet) -> Option<Vec<u8>> {
    match alphabet {
        Alphabet::Gsm7 => gsm7::written(text),
        Alphabet::Latin1 => text.chars().map(|character| u8::try_from(character).ok()).collect(),
        Alphabet::Ascii => text.is_ascii().then(|| text.as_bytes().to_vec()),
    }
}

/// Octets of a text in UCS-2.
pub(super) fn encode_ucs2(text: &str, order: ByteOrder) -> Vec<u8> {
    let octets = |unit: u16| match order {
        ByteOrder::Big => unit.to_be_bytes(),
        ByteOrder::Little => unit.to_le_bytes(),
    };
    text.encode_utf16().flat_map(octets).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: u8, octets: &[u8]) -> Option<(String, Option<&'static str>)> {
        decode(octets, Coding::of(value, Dialect::default()))
    }

    #[test]
    fn each_coding_is_read_as_it_is() {
        let whole = |text: &str| Some((text.to_owned(), None));
        assert_eq!(read(0, b"Gia 20\x1be \x1b<ok\x1b> \x00\x02"), whole("Gia 20€ [ok] @$"));
        assert_eq!(read(1, b"a@b$"), whole("a@b$"));
        assert_eq!(read(3, b"gar\xe7on"), whole("garçon"));
        assert_eq!(read(8, &[0x1e, 0xbf, 0xd8, 0x3d, 0xde, 0x00]), whole("ế😀"));
        assert_eq!(read(0x18, &[0x1e, 0xbf]), whole("ế"));
        assert_eq!(read(6, b"\xbf\xe0"), whole("Пр"));
        assert_eq!(read(0xf1, b"hi"), whole("hi"));
        for binary in [2, 4, 0xf5, 0x14, 9] {
            assert_eq!(read(binary, b"x"), None, "{binary}");
        }
    }

    #[test]
    fn a_message_centre_may_have_its_own_ways() {
        let dialect = Dialect {
            default_alphabet: Alphabet::Latin1,
            ia5_alphabet: Alphabet::Gsm7,
            byte_order: ByteOrder::Little,
            ..Dialect::default()
        };
        let read = |value, octets: &[u8]| decode(octets, Coding::of(value, dialect)).unwrap().0;
        assert_eq!(read(0, b"\xe9@"), "é@");
        assert_eq!(read(1, b"\x00"), "@");
        assert_eq!(read(8, &[0xbf, 0x1e]), "ế");
    }

    #[test]
    fn what_cannot_be_read_costs_its_place_alone_and_is_said() {
        let mended = Some("undecodable_characters");
        assert_eq!(read(8, &[0, 0x61, 0xd8, 0x3d, 0, 0x62]), Some(("a\u{fffd}b".into(), mended)));
        assert_eq!(read(8, &[0, 0x61, 0]), Some(("a".into(), mended)), "an odd octet");
        assert_eq!(read(1, b"a\xff"), Some(("a\u{fffd}".into(), mended)));
        assert_eq!(read(0, b"a\x80"), Some(("a\u{fffd}".into(), mended)));
    }

    #[test]
    fn what_is_written_is_read_again() {
        for (text, alphabet) in
            [("Gia 20€ [ok] @è", Alphabet::Gsm7), ("garçon", Alphabet::Latin1), ("a@", Alphabet::Ascii)]
        {
            let octets = encode(text, alphabet).unwrap();
            assert_eq!(decode(&octets, Coding::Alphabet(alphabet)), Some((text.into(), None)));
        }
        assert_eq!(
            encode("ế", Alphabet::Gsm7).or(encode("è", Alphabet::Ascii)).or(encode("€", Alphabet::Latin1)),
            None
        );
        for order in [ByteOrder::Big, ByteOrder::Little] {
            let text = "Phần một 😀";
            assert_eq!(decode(&encode_ucs2(text, order), Coding::Ucs2(order)), Some((text.into(), None)));
        }
    }
}
