//! Places in a text.

/// Finds places counted in UTF-16 code units, as several channels count, in Unicode scalar values, as the envelope does.
#[derive(Debug)]
pub struct Utf16 {
    /// For each code unit, the scalar value it belongs to; one more for the end.
    scalars: Vec<u32>,
}

impl Utf16 {
    /// Counts a text through, once for all its places.
    pub fn of(text: &str) -> Self {
        let mut scalars = Vec::with_capacity(text.len() + 1);
        let mut count = 0;
        for character in text.chars() {
            scalars.extend(std::iter::repeat_n(count, character.len_utf16()));
            count += 1;
        }
        scalars.push(count);
        Self { scalars }
    }

    /// Offset and length of a range; `None` for one that reaches beyond the text. One that cuts a character in half
    /// takes the whole of it.
    pub fn range(&self, offset: u64, length: u64) -> Option<(u32, u32)> {
        let at = |unit: u64| usize::try_from(unit).ok().and_then(|unit| self.scalars.get(unit)).copied();
        let start = at(offset)?;
        let end = offset.checked_add(length)?;
        let last = if length == 0 { start } else { at(end - 1)? + 1 };
        at(end)?;
        Some((start, last - start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_of_two_units_count_as_one() {
        let text = Utf16::of("a😀Ạb");
        assert_eq!(text.range(0, 1), Some((0, 1)));
        assert_eq!(text.range(1, 2), Some((1, 1)));
        assert_eq!(text.range(3, 2), Some((2, 2)));
        assert_eq!(text.range(5, 0), Some((4, 0)));
        assert_eq!(text.range(1, 1), Some((1, 1)), "half a character");
    }

    #[test]
    fn a_range_beyond_the_text_is_none() {
        let text = Utf16::of("a😀");
        for (offset, length) in [(0, 4), (4, 0), (3, 1), (u64::MAX, 1), (1, u64::MAX)] {
            assert_eq!(text.range(offset, length), None, "{offset} {length}");
        }
    }
}
