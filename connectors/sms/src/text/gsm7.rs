//! The GSM default alphabet and its extension table, 3GPP TS 23.038.

/// Characters of one septet.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§\
¿abcdefghijklmnopqrstuvwxyzäöñüà";

/// Characters that come behind an escape.
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// Codes of the characters of [`EXTENSION`].
const EXTENSION_CODES: [u8; 10] = [0x0a, 0x14, 0x28, 0x29, 0x2f, 0x3c, 0x3d, 0x3e, 0x40, 0x65];

/// What announces a character of the extension table.
const ESCAPE: u8 = 0x1b;

/// Septets of a character; `None` for what the alphabet does not have.
pub(crate) fn septets(character: char) -> Option<usize> {
    match character {
        ' '..='Z' | 'a'..='z' if character != '$' && character != '@' => Some(1),
        _ if BASIC.contains(character) => Some(1),
        _ if EXTENSION.contains(character) => Some(2),
        _ => None,
    }
}

/// The character of a code; the escape's place is no character's.
fn basic(code: u8) -> Option<char> {
    let place = match code {
        0..ESCAPE => code,
        ESCAPE | 0x80.. => return None,
        _ => code - 1,
    };
    BASIC.chars().nth(place.into())
}

fn extended(code: u8) -> Option<char> {
    let place = EXTENSION_CODES.iter().position(|known| *known == code)?;
    EXTENSION.chars().nth(place)
}

/// Text of septets that stand one in an octet each, and what had to be mended.
pub(crate) fn read(octets: &[u8]) -> (String, Option<&'static str>) {
    let mut text = String::with_capacity(octets.len());
    let mut mended = None;
    let mut octets = octets.iter().copied();
    while let Some(octet) = octets.next() {
        let character = if octet == ESCAPE {
            // An unknown one is shown as the basic character, an escape as a space.
            octets.next().map_or(Some(' '), |code| extended(code).or(basic(code)).or((code == ESCAPE).then_some(' ')))
        } else {
            basic(octet)
        };
        text.push(character.unwrap_or_else(|| {
            mended = Some("undecodable_characters");
            char::REPLACEMENT_CHARACTER
        }));
    }
    (text, mended)
}

/// The septets of a text, one in an octet each; `None` where the alphabet has not all its characters.
pub(crate) fn written(text: &str) -> Option<Vec<u8>> {
    let mut octets = Vec::with_capacity(text.len());
    for character in text.chars() {
        if let Some(place) = BASIC.chars().position(|known| known == character) {
            let place = u8::try_from(place).ok()?;
            octets.push(if place < ESCAPE { place } else { place + 1 });
        } else {
            let place = EXTENSION.chars().position(|known| known == character)?;
            octets.extend([ESCAPE, *EXTENSION_CODES.get(place)?]);
        }
    }
    Some(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alphabet_is_whole() {
        assert_eq!(BASIC.chars().count(), 127, "128 places, one of which is the escape");
        assert_eq!(EXTENSION.chars().count(), 10);
        let count = |n| ('\0'..=char::MAX).filter(|character| septets(*character) == Some(n)).count();
        assert_eq!((count(1), count(2)), (127, 10));
    }

    #[test]
    fn of_the_vietnamese_letters_hardly_any_is_in_it() {
        let letters = "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ";
        let small: String = letters.chars().filter(|letter| septets(*letter).is_some()).collect();
        let large: String = letters.to_uppercase().chars().filter(|letter| septets(*letter).is_some()).collect();
        assert_eq!((small.as_str(), large.as_str()), ("àèéìòù", "É"));
        assert_eq!((septets('ç'), septets('`')), (None, None));
    }

    #[test]
    fn every_character_comes_back() {
        let all: String = BASIC.chars().chain(EXTENSION.chars()).collect();
        let octets = written(&all).unwrap();
        assert_eq!(octets.len(), 127 + 20);
        assert_eq!(read(&octets), (all, None));
        // Places of the standard's table.
        assert_eq!(written("@ ¡üà€").unwrap(), [0x00, 0x20, 0x40, 0x7e, 0x7f, 0x1b, 0x65]);
        assert_eq!(read(b"\x1bA\x1b\x1bz\x1b"), ("A z ".into(), None), "an escape before what is not in its table");
    }
}
