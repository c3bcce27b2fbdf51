//! Regular expressions, by an engine that takes a time in proportion to pattern and text.

use jaq_core::ValX;
use jaq_json::{Map, Val};
use regex::{Captures, Regex, RegexBuilder};

use super::{
    meter::{Bound, MOST_PARTS, Meter},
    natives::{Given, said, text, words},
};

/// Bytes a compiled pattern takes at most, which bounds what each byte of a text costs.
const LARGEST: usize = 64 << 10;
/// Steps that compiling one takes.
const COMPILING: u64 = 1000;

struct Pattern {
    regex: Regex,
    everywhere: bool,
}

fn pattern<'a>(given: &Given<'a>) -> Result<Pattern, jaq_core::Exn<'a, Val>> {
    let (pattern, flags) = (given.argument(0), given.argument(1));
    given.meter.take(COMPILING)?;
    let mut builder = RegexBuilder::new(words(&pattern)?);
    builder.size_limit(LARGEST).dfa_size_limit(LARGEST * 4);
    let mut everywhere = false;
    for flag in words(&flags)?.chars() {
        match flag {
            'g' => everywhere = true,
            'i' => _ = builder.case_insensitive(true),
            'x' => _ = builder.ignore_whitespace(true),
            's' => _ = builder.dot_matches_new_line(true),
            _ => return Err(said("a flag of a regular expression is one of g, i, s, x").into()),
        }
    }
    let regex = builder.build().map_err(|_| said("no regular expression, or too large a one"))?;
    Ok(Pattern { regex, everywhere })
}

impl Pattern {
    /// What it finds, one after the other; each search takes steps for what is left of the text, which it may go through.
    fn found<'t, 'a>(&self, meter: &Meter, text: &'t str) -> Result<Vec<Captures<'t>>, jaq_core::Exn<'a, Val>> {
        let mut found = Vec::new();
        let mut at = 0;
        loop {
            let left = text.len().saturating_sub(at);
            meter.take(1 + u64::try_from(left).unwrap_or(u64::MAX) / 4)?;
            let Some(captures) = self.regex.captures_at(text, at) else { return Ok(found) };
            let Some(whole) = captures.get(0) else { return Ok(found) };
            // Behind nothing the search goes on with the next character.
            let beyond = text.get(whole.end()..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
            at = if whole.is_empty() { whole.end() + beyond } else { whole.end() };
            found.push(captures);
            if u64::try_from(found.len()).is_ok_and(|found| found > MOST_PARTS / 8) {
                return Err(meter.halt(Bound::Size));
            }
            if !self.everywhere || at > text.len() {
                return Ok(found);
            }
        }
    }
}

/// All matches, as `match` of jq gives them.
pub(super) fn matches<'a>(given: &Given<'a>) -> ValX<'a, Val> {
    let pattern = pattern(given)?;
    let input = words(&given.input)?;
    let found = pattern.found(given.meter, input)?;
    let mut places = Places { text: input, byte: 0, characters: 0 };
    let described = found.iter().map(|captures| {
        let whole = captures.get(0);
        let start = places.characters(whole.map_or(0, |whole| whole.start()));
        let described = pattern.regex.capture_names().enumerate().skip(1).map(|(index, name)| {
            let group = captures.get(index);
            object([
                ("string", group.map_or(Val::Null, |group| text(group.as_str()))),
                ("name", name.map_or(Val::Null, text)),
            ])
        });
        let captures: Val = described.collect();
        let string = whole.map_or("", |whole| whole.as_str());
        object([
            ("offset", Val::from(start)),
            ("length", Val::from(string.chars().count())),
            ("string", text(string)),
            ("captures", captures),
        ])
    });
    Ok(described.collect())
}

/// The text cut at the matches, with an object of the named groups for each match.
pub(super) fn split<'a>(given: &Given<'a>) -> ValX<'a, Val> {
    let pattern = pattern(given)?;
    let input = words(&given.input)?;
    let found = pattern.found(given.meter, input)?;
    let mut pieces = Vec::new();
    let mut end = 0;
    for captures in &found {
        let Some(whole) = captures.get(0) else { continue };
        pieces.push(text(input.get(end..whole.start()).unwrap_or_default()));
        let names = pattern.regex.capture_names().flatten();
        let groups = names.map(|name| (name, captures.name(name).map_or(Val::Null, |group| text(group.as_str()))));
        pieces.push(object(groups));
        end = whole.end();
    }
    pieces.push(text(input.get(end..).unwrap_or_default()));
    Ok(pieces.into_iter().collect())
}

fn object<'n>(members: impl IntoIterator<Item = (&'n str, Val)>) -> Val {
    Val::obj(members.into_iter().map(|(name, value)| (text(name), value)).collect::<Map>())
}

/// Places in characters, found in one go as they only grow.
struct Places<'t> {
    text: &'t str,
    byte: usize,
    characters: usize,
}

impl Places<'_> {
    fn characters(&mut self, byte: usize) -> usize {
        self.characters += self.text.get(self.byte..byte).map_or(0, |between| between.chars().count());
        self.byte = self.byte.max(byte);
        self.characters
    }
}
