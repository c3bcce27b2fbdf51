//! Splitting text where it hurts least.

use kenh_proto::v1::LengthUnit;

use crate::outbound::features::length;

/// Whether it is short enough; 0 is no bound.
pub(super) fn fits(text: &str, most: u32, unit: LengthUnit) -> bool {
    most == 0 || length(text, unit) <= usize::try_from(most).unwrap_or(usize::MAX)
}

/// Splits text into pieces that are short enough, each as long as it can be: at the last paragraph, line, sentence or
/// word that leaves a piece at least half full, else anywhere between two characters.
pub(super) fn split(text: &str, most: u32, unit: LengthUnit) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !fits(rest, most, unit) {
        let longest = longest_prefix(rest, most, unit);
        let (head, _) = rest.split_at(longest);
        let at = ["\n\n", "\n", ". ", "! ", "? ", " "]
            .into_iter()
            .filter_map(|end| head.rfind(end).map(|at| at + end.len()))
            .find(|at| at * 2 >= longest)
            .unwrap_or(longest);
        let (piece, after) = rest.split_at(at);
        pieces.push(piece.trim_end().to_owned());
        rest = after.trim_start_matches(['\n', ' ']);
    }
    pieces.push(rest.to_owned());
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// Bytes of the longest prefix that fits and ends before a character that begins something: combining marks and joined
/// emoji stay with what they belong to. At least one character.
fn longest_prefix(text: &str, most: u32, unit: LengthUnit) -> usize {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let (mut used, mut end, mut last_start) = (0, text.len(), 0);
    for (at, character) in text.char_indices() {
        if !continues(character) && !text.split_at(at).0.ends_with('\u{200d}') {
            last_start = at;
        }
        used += match unit {
            LengthUnit::Unspecified | LengthUnit::Characters => 1,
            LengthUnit::Bytes => character.len_utf8(),
            LengthUnit::Utf16 => character.len_utf16(),
        };
        if used > most {
            end = if last_start > 0 { last_start } else { at };
            break;
        }
    }
    end.max(text.chars().next().map_or(1, char::len_utf8))
}

/// Marks that change the character before them.
fn continues(character: char) -> bool {
    matches!(character,
        '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{20d0}'..='\u{20ff}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{1f3fb}'..='\u{1f3ff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_is_split_where_a_sentence_ends() {
        assert_eq!(split("One two. Three four", 12, LengthUnit::Characters), ["One two.", "Three four"]);
        assert_eq!(split("first\n\nsecond", 10, LengthUnit::Characters), ["first", "second"]);
        assert_eq!(split("abcdef", 4, LengthUnit::Characters), ["abcd", "ef"]);
        assert_eq!(split("whole", 0, LengthUnit::Characters), ["whole"]);
    }

    #[test]
    fn marks_stay_with_their_letter() {
        assert_eq!(split("aae\u{301}", 3, LengthUnit::Characters), ["aa", "e\u{301}"]);
        assert_eq!(split("đđđ", 4, LengthUnit::Bytes), ["đđ", "đ"]);
    }

    proptest! {
        #[test]
        fn pieces_fit_and_lose_nothing_but_white_space(text in "\\PC{0,80}[ \\n]{0,3}\\PC{0,80}", most in 8u32..40) {
            for unit in [LengthUnit::Characters, LengthUnit::Bytes, LengthUnit::Utf16] {
                let pieces = split(&text, most, unit);
                prop_assert!(pieces.iter().all(|piece| fits(piece, most, unit)));
                let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
                prop_assert_eq!(bare(&pieces.concat()), bare(&text));
            }
        }
    }
}
