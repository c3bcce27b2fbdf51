//! Vietnamese without its diacritics, as many people write it: a third of the price where the letters cost a coding.

use unicode_normalization::UnicodeNormalization as _;

use super::Encoding;

/// The text without diacritics and with plain quotes, dashes and spaces; `None` where that would not make it GSM-7, or it
/// is already: folding then costs words their marks and saves nothing.
pub(crate) fn folded(text: &str) -> Option<String> {
    if Encoding::of(text) == Encoding::Gsm7 {
        return None;
    }
    let mut folded = String::with_capacity(text.len());
    for character in text.nfd() {
        match character {
            // Marks that stand above, below or through a letter, and what has no width.
            '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200d}' | '\u{feff}' => {}
            // The letter has no decomposition. The currency is written as its letter.
            'đ' | '₫' => folded.push('d'),
            'Đ' => folded.push('D'),
            '‘' | '’' | '‚' | '′' => folded.push('\''),
            '“' | '”' | '„' | '″' | '«' | '»' => folded.push('"'),
            '‐' | '‑' | '‒' | '–' | '—' | '−' => folded.push('-'),
            '…' => folded.push_str("..."),
            '•' | '·' => folded.push('*'),
            '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\t' => folded.push(' '),
            other => folded.push(other),
        }
    }
    (Encoding::of(&folded) == Encoding::Gsm7).then_some(folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn diacritics_go_and_words_stay() {
        let fold = |text: &str| folded(text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(fold("Đơn hàng đã giao"), "Don hang da giao");
        assert_eq!(fold("“Cảm ơn” – 50.000₫…"), "\"Cam on\" - 50.000d...");
        assert_eq!(fold("D\u{31b}\u{300}n\u{a0}x"), "Dn x");
    }

    #[test]
    fn nothing_is_folded_for_nothing() {
        assert_eq!(folded("Don hang da giao"), None);
        assert_eq!(folded("à la carte"), None, "it is GSM-7 as it is");
        assert_eq!(folded("Đã giao 😀"), None, "it would stay UCS-2");
    }
}
