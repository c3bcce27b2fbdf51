//! The few words in which the engines' SQL differs. Statements hold them in braces.

/// An engine's words.
pub(crate) type Dialect = &'static [(&'static str, &'static str)];

/// A statement in an engine's words.
pub(crate) fn render(sql: &str, dialect: Dialect) -> String {
    let mut rendered = String::with_capacity(sql.len() + 128);
    let mut rest = sql;
    while let Some((before, word)) = rest.split_once('{') {
        let (word, after) = word.split_once('}').unwrap_or((word, ""));
        rendered.push_str(before);
        match dialect.iter().find(|(name, _)| *name == word) {
            Some((_, meaning)) => rendered.push_str(meaning),
            // Left for the engine, which knows what the rows are.
            None => rendered.extend(["{", word, "}"]),
        }
        rest = after;
    }
    rendered.push_str(rest);
    rendered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_replaced_and_others_left() {
        let dialect: Dialect = &[("now", "clock()"), ("lock", "")];
        assert_eq!(render("a {now} b{lock} {rows} c", dialect), "a clock() b {rows} c");
    }
}
