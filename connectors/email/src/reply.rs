//! What somebody wrote, without the mail they answer and without their signature.
//!
//! Lines are looked at from the top. Where a quoted mail begins, the rest is hidden when nothing but quotes follows; quotes
//! with answers between them stay, since the answers mean nothing without. Nothing is ever hidden altogether: where
//! nothing would be left, the whole text is the reply. One pass over the lines, with a look ahead of a few: no text makes it slow.

mod attribution;
mod block;
mod signature;

use crate::html::QUOTE_BEGINS;

const MOST_LINES: usize = 20_000;

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Somebody's own words, or an empty line.
    Own,
    /// Marked as quoted.
    Quoted,
    /// Says that a quoted mail follows.
    Introduction,
    /// Says that everything behind it is another mail.
    Rest,
}

/// The text of a mail without what it quotes and without its signature.
pub fn without_quotes(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let mut kinds = kinds(&lines);
    let end = kinds.iter().position(|kind| *kind == Kind::Rest).unwrap_or(kinds.len());
    kinds.truncate(end);
    let lines = lines.get(..kinds.len()).unwrap_or_default();
    let own = |place: &usize| {
        kinds.get(*place) == Some(&Kind::Own) && lines.get(*place).is_some_and(|line| !line.trim().is_empty())
    };
    let signed = signature::begins(lines, &kinds.iter().map(|kind| *kind == Kind::Own).collect::<Vec<_>>());
    let last = (0..signed).rev().find(own).map_or(0, |last| last + 1);
    // Quotes before the first word are what is answered below them.
    let first = (0..last).find(own).unwrap_or(0);
    let kept = lines.get(first..last).unwrap_or_default().join("\n");
    let kept = kept.trim_matches('\n').trim_end();
    if kept.trim().is_empty() { without_marks(text) } else { without_marks(kept) }
}

/// The text without the marks that the conversion of HTML put there.
pub(crate) fn without_marks(text: &str) -> String {
    if !text.contains(QUOTE_BEGINS) {
        return text.trim_matches('\n').trim_end().to_owned();
    }
    let lines: Vec<_> = text.lines().filter(|line| !line.contains(QUOTE_BEGINS)).collect();
    lines.join("\n").trim_matches('\n').trim_end().to_owned()
}

fn kinds(lines: &[&str]) -> Vec<Kind> {
    let mut kinds = Vec::with_capacity(lines.len());
    while let Some(rest) = lines.get(kinds.len()..).filter(|rest| !rest.is_empty()) {
        let line = rest.first().copied().unwrap_or_default();
        if kinds.len() >= MOST_LINES {
            kinds.push(Kind::Own);
        } else if line.contains(QUOTE_BEGINS) || block::begins(rest) {
            kinds.push(Kind::Rest);
        } else if line.trim_start().starts_with('>') {
            kinds.push(Kind::Quoted);
        } else if let Some(length) = attribution::length(rest) {
            let behind = rest.get(length..).unwrap_or_default();
            let next = behind.iter().find(|line| !line.trim().is_empty());
            // What an introduction without marked quotes behind it introduces is the rest.
            let marked = next.is_some_and(|line| line.trim_start().starts_with('>'));
            let kind = if marked { Kind::Introduction } else { Kind::Rest };
            kinds.extend(std::iter::repeat_n(kind, length));
        } else {
            kinds.push(Kind::Own);
        }
    }
    kinds
}

#[cfg(test)]
mod tests;
