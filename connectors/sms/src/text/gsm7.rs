//! The GSM default alphabet and its extension table, 3GPP TS 23.038.

/// Characters of one septet.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§\
¿abcdefghijklmnopqrstuvwxyzäöñüà";

/// Characters that come behind an escape.
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// Septets of a character; `None` for what the alphabet does not have.
pub(crate) fn septets(character: char) -> Option<usize> {
    match character {
        ' '..='Z' | 'a'..='z' if character != '$' && character != '@' => Some(1),
        _ if BASIC.contains(character) => Some(1),
        _ if EXTENSION.contains(character) => Some(2),
        _ => None,
    }
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
}
