//! The text of a mail: where it ends, and which of its dots are its own (RFC 5321, 4.5.2).
//!
//! It ends with CRLF `.` CRLF and with nothing else. A server that also ended it with a dot between bare line feeds, or that handed such a dot
//! on to one that does, would let a mail smuggle a second one in behind itself: a mail with a dot alone between line ends of which one is not
//! CRLF is refused whole. Line ends without a dot stay as they are.

/// Takes a text apart from what stands around it.
#[derive(Debug)]
pub(crate) struct Data {
    text: Vec<u8>,
    state: State,
    /// Bytes of the text, also of what is not kept.
    size: u64,
    largest: u64,
    misshapen: bool,
    no_room: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Behind CRLF, or at the beginning.
    Line,
    /// A dot at the beginning of such a line, not kept yet.
    Dot,
    /// CR behind that dot.
    DotCr,
    /// Within a line.
    Text,
    /// CR, not kept yet.
    Cr,
    /// Behind a CR or LF that stands alone.
    Bare,
    /// A dot there.
    BareDot,
}

/// A whole text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ended {
    /// It came whole.
    Whole(Vec<u8>),
    /// It is larger than was said, and not kept.
    TooLarge,
    /// Another server could see two mails in it.
    Misshapen,
    /// There was no room to keep it.
    NoRoom,
}

impl Data {
    /// Of a text that may have so many bytes.
    pub(crate) fn new(largest: u64) -> Self {
        Self { text: Vec::new(), state: State::Line, size: 0, largest, misshapen: false, no_room: false }
    }

    /// Takes bytes. When the text has ended: how many of them were its own, and what it is.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> Option<(usize, Ended)> {
        let mut place = 0;
        while let Some(rest) = bytes.get(place..).filter(|rest| !rest.is_empty()) {
            if self.state == State::Text {
                let run = memchr::memchr2(b'\r', b'\n', rest).unwrap_or(rest.len());
                if run > 0 {
                    self.keep(rest.get(..run).unwrap_or_default());
                    place += run;
                    continue;
                }
            }
            let Some(byte) = rest.first() else { break };
            place += 1;
            if self.byte(*byte) {
                return Some((place, self.ended()));
            }
        }
        None
    }

    /// Bytes that are held.
    pub(crate) fn held(&self) -> usize {
        self.text.capacity()
    }

    /// There is no room for it: it is read to its end, and not kept.
    pub(crate) fn forgo(&mut self) {
        self.no_room = true;
        self.text = Vec::new();
    }

    fn ended(&mut self) -> Ended {
        if self.misshapen {
            Ended::Misshapen
        } else if self.size > self.largest {
            Ended::TooLarge
        } else if self.no_room {
            Ended::NoRoom
        } else {
            Ended::Whole(std::mem::take(&mut self.text))
        }
    }

    /// Whether the text ends with this byte.
    fn byte(&mut self, byte: u8) -> bool {
        self.state = match (self.state, byte) {
            (State::Line, b'.') => State::Dot,
            (State::Dot, b'\r') => State::DotCr,
            (State::DotCr, b'\n') => return true,
            (State::Dot | State::BareDot, b'\n') => self.odd(),
            // A CR alone behind the dot.
            (State::DotCr, _) => {
                self.misshapen = true;
                self.keep(b"\r");
                self.behind_bare(byte)
            }
            (State::Cr, b'\n') => {
                self.keep(b"\r\n");
                State::Line
            }
            (State::Cr, _) => {
                self.keep(b"\r");
                self.behind_bare(byte)
            }
            (State::BareDot, b'\r') => {
                self.misshapen = true;
                State::Cr
            }
            (State::Bare, _) => self.behind_bare(byte),
            (State::Line | State::Dot | State::Text | State::BareDot, _) => self.within(byte),
        };
        false
    }

    fn within(&mut self, byte: u8) -> State {
        match byte {
            b'\r' => State::Cr,
            b'\n' => {
                self.keep(b"\n");
                State::Bare
            }
            _ => {
                self.keep(&[byte]);
                State::Text
            }
        }
    }

    fn behind_bare(&mut self, byte: u8) -> State {
        if byte == b'.' {
            self.keep(b".");
            return State::BareDot;
        }
        self.within(byte)
    }

    /// LF behind a dot that stands alone.
    fn odd(&mut self) -> State {
        self.misshapen = true;
        self.keep(b"\n");
        State::Bare
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.size = self.size.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        if self.size > self.largest || self.misshapen || self.no_room {
            // It is refused in the end: nothing of it is needed.
            self.text = Vec::new();
        } else {
            self.text.extend_from_slice(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What comes of the bytes in pieces of this size, and what was left behind the end.
    fn read(bytes: &[u8], piece: usize, largest: u64) -> Option<(Ended, usize)> {
        let mut data = Data::new(largest);
        for (number, part) in bytes.chunks(piece).enumerate() {
            if let Some((taken, ended)) = data.take(part) {
                return Some((ended, bytes.len() - number * piece - taken));
            }
        }
        None
    }

    fn whole(text: &[u8]) -> (Ended, usize) {
        (Ended::Whole(text.to_vec()), 0)
    }

    /// As a client sends it.
    fn stuffed(text: &[u8]) -> Vec<u8> {
        let mut sent = Vec::new();
        for (number, line) in text.split(|byte| *byte == b'\n').enumerate() {
            if number > 0 {
                sent.extend_from_slice(b"\r\n");
            }
            if line.starts_with(b".") {
                sent.push(b'.');
            }
            sent.extend_from_slice(line);
        }
        sent.extend_from_slice(b"\r\n.\r\n");
        sent
    }

    #[test]
    fn dots_are_taken_off_and_the_end_is_found() {
        for piece in [1, 2, 3, 100] {
            assert_eq!(read(b".\r\n", piece, 100), Some(whole(b"")));
            assert_eq!(read(b"a\r\n..b\r\n...\r\n.\r\n", piece, 100), Some(whole(b"a\r\n.b\r\n..\r\n")));
            assert_eq!(read(b".a\r\n.\r\n", piece, 100), Some(whole(b"a\r\n")));
            assert_eq!(
                read(b"a\nb\rc\r\n.\r\n", piece, 100),
                Some(whole(b"a\nb\rc\r\n")),
                "line ends stay as they are"
            );
            assert_eq!(read(b"a\r\n.\r\nQUIT\r\n", piece, 100), Some((Ended::Whole(b"a\r\n".to_vec()), 6)));
            assert_eq!(read(b"a\r\n.\r", piece, 100), None);
        }
    }

    /// Each of them ends a mail somewhere (CVE-2023-51764 and its like).
    #[test]
    fn nothing_else_ends_it_and_what_does_elsewhere_is_refused() {
        for end in ["\n.\n", "\n.\r\n", "\r.\r", "\r\n.\n", "\r\n.\r", "\r.\r\n", "\r\r\n.\n", "\n.\r"] {
            let sent = format!("a{end}MAIL FROM:<x@y.test>\r\n.\r\n");
            for piece in [1, 2, 3, 100] {
                assert_eq!(read(sent.as_bytes(), piece, 100), Some((Ended::Misshapen, 0)), "{end:?}");
            }
        }
    }

    #[test]
    fn what_is_too_large_is_read_to_its_end_and_not_kept() {
        let mut data = Data::new(10);
        assert_eq!(data.take(&[b'x'; 5000]), None);
        assert_eq!(data.held(), 0);
        assert_eq!(data.take(b"\r\n.\r\nNOOP\r\n"), Some((5, Ended::TooLarge)));
        assert_eq!(read(b"12345678\r\n.\r\n", 100, 10), Some(whole(b"12345678\r\n")), "so many bytes are right");
    }

    proptest! {
        #[test]
        fn every_text_of_whole_lines_comes_as_it_was_sent(text in "[a.\u{e1}\n]{0,60}", piece in 1_usize..20) {
            let mut expected = text.replace('\n', "\r\n").into_bytes();
            expected.extend_from_slice(b"\r\n");
            prop_assert_eq!(read(&stuffed(text.as_bytes()), piece, 1000), Some(whole(&expected)));
        }

        #[test]
        fn pieces_make_no_difference(bytes in proptest::collection::vec(prop_oneof![Just(b'.'), Just(b'\r'), Just(b'\n'), Just(b'a')], 0..40), piece in 1_usize..8) {
            prop_assert_eq!(read(&bytes, piece, 20), read(&bytes, 100, 20));
        }
    }
}
