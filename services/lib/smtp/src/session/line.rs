//! Lines of commands.

/// Longest line of a command: 512 bytes (RFC 5321, 4.5.3.1.4), and what SIZE, BODY and SMTPUTF8 add to it.
const LONGEST: usize = 512 + 26 + 16 + 10;

/// What came and was not dealt with yet.
#[derive(Debug, Default)]
pub(super) struct Lines {
    bytes: Vec<u8>,
    place: usize,
    /// The rest of a line that is too long.
    skipping: bool,
}

/// A line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// Without its end.
    Whole(String),
    /// Its end is not CRLF, or it holds a control character, or bytes that are no text.
    Odd,
    TooLong,
}

impl Lines {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        if self.place > 0 {
            self.bytes.drain(..self.place.min(self.bytes.len()));
            self.place = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }

    pub(super) fn rest(&self) -> &[u8] {
        self.bytes.get(self.place..).unwrap_or_default()
    }

    pub(super) fn skip(&mut self, bytes: usize) {
        self.place = self.place.saturating_add(bytes).min(self.bytes.len());
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.place = 0;
        self.skipping = false;
    }

    /// The next line; `None` before it is there. Of a line that is too long, no more than that is held.
    pub(super) fn next(&mut self) -> Option<Line> {
        let rest = self.rest();
        let Some(end) = memchr::memchr(b'\n', rest) else {
            if rest.len() > LONGEST || self.skipping {
                self.clear();
                self.skipping = true;
            }
            return None;
        };
        let line = rest.get(..end).unwrap_or_default();
        let read = if self.skipping || line.len() + 1 > LONGEST { Line::TooLong } else { whole(line) };
        self.skipping = false;
        self.skip(end + 1);
        Some(read)
    }
}

fn whole(line: &[u8]) -> Line {
    let text = line.strip_suffix(b"\r").and_then(|line| std::str::from_utf8(line).ok());
    match text {
        Some(text) if !text.contains(|c: char| c.is_control() && c != '\t') => Line::Whole(text.to_owned()),
        Some(_) | None => Line::Odd,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_with_crlf_and_have_a_bound() {
        let mut lines = Lines::default();
        lines.push(b"NOOP\r\nQU");
        assert_eq!(lines.next(), Some(Line::Whole("NOOP".into())));
        assert_eq!(lines.next(), None);
        lines.push(b"IT\nRSET\rX\r\n\xff\r\n");
        assert_eq!(lines.next(), Some(Line::Odd), "no CR");
        assert_eq!(lines.next(), Some(Line::Odd), "a CR within");
        assert_eq!(lines.next(), Some(Line::Odd), "no text");
        let longest = format!("NOOP {}\r\n", "x".repeat(LONGEST - 7));
        lines.push(longest.as_bytes());
        assert!(matches!(lines.next(), Some(Line::Whole(_))));
        lines.push(b"x");
        lines.push(longest.as_bytes());
        assert_eq!(lines.next(), Some(Line::TooLong));
        for _ in 0..100 {
            lines.push(&[b'x'; 100]);
            assert_eq!(lines.next(), None);
            assert!(lines.rest().len() <= LONGEST);
        }
        lines.push(b"\r\nRSET\r\n");
        assert_eq!(lines.next(), Some(Line::TooLong), "it is one line, however long");
        assert_eq!(lines.next(), Some(Line::Whole("RSET".into())));
    }
}
