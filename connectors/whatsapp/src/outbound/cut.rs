//! Cutting a text that is too long to stand above buttons.

use super::{capabilities::LONGEST_BODY, card::most};

/// What goes before, and the end that fits above buttons: from a line, sentence or word on.
pub(super) fn cut(text: &str) -> (&str, &str) {
    let over = text.chars().count().saturating_sub(most(LONGEST_BODY));
    let start = text.char_indices().nth(over).map_or(0, |(at, _)| at);
    let (_, end) = text.split_at(start);
    let begins = ["\n", ". ", " "].into_iter().filter_map(|mark| end.find(mark).map(|at| at + mark.len()));
    let skipped = begins.into_iter().find(|skipped| skipped * 2 <= end.len()).unwrap_or(0);
    let (head, tail) = text.split_at(start + skipped);
    (head.trim_end(), tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_above_buttons_is_the_end_of_a_text_and_begins_a_word() {
        let text = format!("{} {}", "a".repeat(600), "word ".repeat(200));
        let (head, tail) = cut(text.trim_end());
        assert!(tail.chars().count() <= 1024 && tail.starts_with("word"), "{tail}");
        assert_eq!(format!("{head} {tail}"), text.trim_end());
        let unbroken = "đ".repeat(1030);
        let (head, tail) = cut(&unbroken);
        assert_eq!((head.chars().count(), tail.chars().count()), (6, 1024));
    }
}
