//! What a scheme signs, written as a text with places in it.

/// Signed bytes as a channel puts them together: `v0:{timestamp}:{body}`, `{id}.{timestamp}.{body}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Body,
    Id,
    Timestamp,
}

/// What stands in the places of a template.
#[derive(Clone, Copy)]
pub(super) struct Parts<'a> {
    pub(super) body: &'a [u8],
    pub(super) id: &'a str,
    pub(super) timestamp: &'a str,
}

impl Template {
    /// Only the body.
    pub fn body() -> Self {
        Self(vec![Piece::Body])
    }

    /// Reads one. It ends with `{body}`, the one place whose end nothing else marks; behind `{id}` stands a text, or an end
    /// could be moved between the two.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, place)) = rest.split_once('{') {
            let (name, after) = place.split_once('}').ok_or("expected a `}` behind each `{`")?;
            if !before.is_empty() {
                pieces.push(Piece::Text(before.into()));
            }
            pieces.push(match name {
                "body" => Piece::Body,
                "id" => Piece::Id,
                "timestamp" => Piece::Timestamp,
                _ => return Err("expected {id}, {timestamp} and {body} only"),
            });
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.into()));
        }
        let count = |piece: &Piece| pieces.iter().filter(|other| *other == piece).count();
        if count(&Piece::Body) != 1 || pieces.last() != Some(&Piece::Body) {
            return Err("expected {body} once, at the end");
        }
        if count(&Piece::Id) > 1 || count(&Piece::Timestamp) > 1 {
            return Err("expected {id} and {timestamp} once at most");
        }
        let unmarked =
            pieces.windows(2).any(|pair| matches!(pair, [Piece::Id, next] if !matches!(next, Piece::Text(_))));
        if unmarked { Err("expected a text behind {id}, such as a dot") } else { Ok(Self(pieces)) }
    }

    /// Whether a time is signed.
    pub fn has_timestamp(&self) -> bool {
        self.0.contains(&Piece::Timestamp)
    }

    /// Whether an id is signed.
    pub fn has_id(&self) -> bool {
        self.0.contains(&Piece::Id)
    }

    /// Whether the end of the id is where the template says: what marks it is not within.
    pub(super) fn takes_id(&self, id: &str) -> bool {
        let marks = self.0.windows(2).filter_map(|pair| match pair {
            [Piece::Id, Piece::Text(text)] => text.chars().next(),
            _ => None,
        });
        !id.is_empty() && marks.into_iter().all(|mark| !id.contains(mark))
    }

    pub(super) fn assembled(&self, parts: &Parts<'_>) -> Vec<u8> {
        let bytes = self.0.iter().map(|piece| match piece {
            Piece::Text(text) => text.as_bytes(),
            Piece::Body => parts.body,
            Piece::Id => parts.id.as_bytes(),
            Piece::Timestamp => parts.timestamp.as_bytes(),
        });
        bytes.collect::<Vec<_>>().concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_and_ends_that_could_move_refused() {
        let parts = Parts { body: b"{}", id: "m1", timestamp: "7" };
        let assembled = |text: &str| Template::parse(text).unwrap().assembled(&parts);
        assert_eq!(assembled("{body}"), b"{}");
        assert_eq!(assembled("v0:{timestamp}:{body}"), b"v0:7:{}");
        assert_eq!(assembled("{id}.{timestamp}.{body}"), b"m1.7.{}");
        for wrong in ["", "{body", "{body}x", "{body}{timestamp}", "{id}{body}", "{id}{timestamp}.{body}", "{ts}{body}"]
        {
            assert!(Template::parse(wrong).is_err(), "{wrong}");
        }
        let template = Template::parse("{id}.{body}").unwrap();
        assert!(template.takes_id("m1") && !template.takes_id("m.1") && !template.takes_id(""));
    }
}
