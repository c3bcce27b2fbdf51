//! Texts with places in them: addresses and headers of calls.

use connector_sdk::outbound::TOKEN;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What stays as it is in an address (RFC 3986, unreserved).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A text with places.
#[derive(Debug, Clone)]
pub(super) struct Template(Vec<Piece>);

#[derive(Debug, Clone)]
enum Piece {
    Text(String),
    Place(Place),
    Token,
}

/// What may stand in a place: ids, never what people write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Our own reference of the piece.
    Reference,
    /// The account it is sent from.
    Account,
    /// The conversation, by the channel's id.
    Conversation,
    /// Whom it is for: contact, group, comment or post.
    To,
    /// The message it is about: edited, deleted, reacted to, read; of a message, the one it answers.
    MessageId,
    /// The comment it is about.
    CommentId,
}

const PLACES: &[(&str, Place)] = &[
    ("reference", Place::Reference),
    ("account", Place::Account),
    ("conversation", Place::Conversation),
    ("to", Place::To),
    ("message_id", Place::MessageId),
    ("comment_id", Place::CommentId),
];

/// Why a template cannot be filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unfilled {
    /// Nothing is known that belongs there.
    Missing,
    /// It would lead elsewhere, or end the header.
    Unfit,
}

impl Template {
    /// Reads one.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, place)) = rest.split_once('{') {
            let (name, after) = place.split_once('}').ok_or("expected a `}` behind each `{`")?;
            pieces.push(Piece::Text(before.into()));
            pieces.push(match PLACES.iter().find(|(known, _)| *known == name) {
                Some((_, place)) => Piece::Place(*place),
                None if name == "token" => Piece::Token,
                None => {
                    let known: Vec<_> = PLACES.iter().map(|(name, _)| format!("{{{name}}}")).collect();
                    return Err(format!("expected {} and {TOKEN} as places, {{{name}}} is none", known.join(", ")));
                }
            });
            rest = after;
        }
        pieces.push(Piece::Text(rest.into()));
        Ok(Self(pieces))
    }

    /// A text without places.
    pub(super) fn fixed(text: impl Into<String>) -> Self {
        Self(vec![Piece::Text(text.into())])
    }

    /// The text before the first place.
    pub(super) fn begins(&self) -> &str {
        match self.0.first() {
            Some(Piece::Text(text)) => text,
            Some(Piece::Place(_) | Piece::Token) | None => "",
        }
    }

    /// The text with an `x` in each place.
    pub(super) fn sketch(&self) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Place(_) | Piece::Token => "x".into(),
        };
        self.0.iter().map(piece).collect()
    }

    /// Whether our reference of a piece is in it.
    pub(super) fn has_reference(&self) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Place(Place::Reference)))
    }

    /// An address: what stands in the places is percent-encoded, so that it is one part of a path or a value of a query.
    pub(super) fn address(&self, value: impl Fn(Place) -> Option<String>) -> Result<String, Unfilled> {
        self.filled(value, |value| {
            // Dots alone are a way up, encoded or not.
            let leads_away = value.chars().all(|sign| sign == '.');
            if leads_away { Err(Unfilled::Unfit) } else { Ok(utf8_percent_encode(value, UNRESERVED).to_string()) }
        })
    }

    /// A header's value.
    pub(super) fn header(&self, value: impl Fn(Place) -> Option<String>) -> Result<String, Unfilled> {
        self.filled(value, |value| {
            let is_fit = value.bytes().all(|byte| (b' '..=b'~').contains(&byte)) && !value.contains('{');
            if is_fit { Ok(value.to_owned()) } else { Err(Unfilled::Unfit) }
        })
    }

    fn filled(
        &self,
        value: impl Fn(Place) -> Option<String>,
        fit: impl Fn(&str) -> Result<String, Unfilled>,
    ) -> Result<String, Unfilled> {
        let mut filled = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Token => filled.push_str(TOKEN),
                Piece::Place(place) => {
                    let value = value(*place).filter(|value| !value.is_empty()).ok_or(Unfilled::Missing)?;
                    filled.push_str(&fit(&value)?);
                }
            }
        }
        Ok(filled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_a_place_leads_nowhere_else() {
        let template = Template::parse("https://desk.example.test/t/{conversation}/c?key={token}").unwrap();
        let address = |id: &str| template.address(|_| Some(id.into()));
        assert_eq!(address("7").unwrap(), "https://desk.example.test/t/7/c?key={token}");
        assert_eq!(
            address("../a b?{token}#").unwrap(),
            "https://desk.example.test/t/..%2Fa%20b%3F%7Btoken%7D%23/c?key={token}"
        );
        assert_eq!((address(".."), address("")), (Err(Unfilled::Unfit), Err(Unfilled::Missing)));
        let header = Template::parse("{reference}").unwrap();
        assert!(header.has_reference() && !template.has_reference());
        for wrong in ["a\r\nb: c", "{token}", "ä"] {
            assert_eq!(header.header(|_| Some(wrong.into())), Err(Unfilled::Unfit), "{wrong}");
        }
        assert!(Template::parse("{words}").is_err() && Template::parse("{to").is_err());
    }
}
