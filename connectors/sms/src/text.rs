//! How a text travels as SMS: in which coding, and cut into how many segments.
//!
//! GSM-7 holds 160 septets in one message and 153 in each segment of several; UCS-2 holds 70 UTF-16 units, and 67. One
//! character outside of GSM-7 makes the whole text UCS-2. Neither a character of two septets nor a surrogate pair is cut.

mod fold;
pub(crate) mod gsm7;

use kenh_proto::v1::Segmentation;
use unicode_normalization::UnicodeNormalization as _;

pub(crate) use self::fold::folded;
use self::gsm7::septets;

/// What a text is coded in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// The GSM default alphabet with its extension table, 3GPP TS 23.038.
    Gsm7,
    /// UTF-16, as every phone reads what is called UCS-2.
    Ucs2,
}

impl Encoding {
    /// What the text needs.
    pub(crate) fn of(text: &str) -> Self {
        if text.chars().all(|character| septets(character).is_some()) { Self::Gsm7 } else { Self::Ucs2 }
    }

    /// Its name in plans.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Gsm7 => "gsm7",
            Self::Ucs2 => "ucs2",
        }
    }

    /// Units one message holds alone, and each segment of several.
    const fn room(self) -> (usize, usize) {
        match self {
            Self::Gsm7 => (160, 153),
            Self::Ucs2 => (70, 67),
        }
    }

    fn units(self, character: char) -> usize {
        match self {
            Self::Gsm7 => septets(character).unwrap_or(1),
            Self::Ucs2 => character.len_utf16(),
        }
    }
}

/// A text composed (NFC): decomposed letters would count twice and match no template.
pub(crate) fn composed(text: &str) -> String {
    text.nfc().collect()
}

/// The segments of a text in a coding that has all its characters. `spare`: units each of several leaves free beside the usual
/// ones.
pub(crate) fn segments_in(encoding: Encoding, text: &str, spare: usize) -> Vec<&str> {
    let (alone, each) = encoding.room();
    let each = each.saturating_sub(spare);
    if text.chars().map(|character| encoding.units(character)).sum::<usize>() <= alone {
        return vec![text];
    }
    let (mut segments, mut rest) = (Vec::new(), text);
    while !rest.is_empty() {
        let mut used = 0;
        let end = rest.char_indices().find(|(_, character)| {
            used += encoding.units(*character);
            used > each
        });
        let (segment, after) = rest.split_at(end.map_or(rest.len(), |(at, _)| at));
        segments.push(segment);
        rest = after;
    }
    segments
}

/// What a plan says of a text.
pub(crate) fn segmentation(text: &str) -> Segmentation {
    segmentation_in(Encoding::of(text), text, 0)
}

/// The same in a coding, with `spare` units of each segment left free.
pub(crate) fn segmentation_in(encoding: Encoding, text: &str, spare: usize) -> Segmentation {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let segments = segments_in(encoding, text, spare).len();
    let extended = encoding == Encoding::Gsm7 && text.chars().any(|character| septets(character) == Some(2));
    let unicode = encoding == Encoding::Ucs2;
    let notes = [
        (unicode, "unicode"),
        (unicode && folded(text).is_some(), "foldable"),
        (extended, "extended"),
        (segments > 1, "several_segments"),
    ];
    Segmentation {
        encoding: encoding.name().into(),
        units: count(text.chars().map(|character| encoding.units(character)).sum()),
        segments: count(segments),
        notes: notes.into_iter().filter(|(applies, _)| *applies).map(|(_, note)| note.into()).collect(),
    }
}

#[cfg(test)]
mod tests;
