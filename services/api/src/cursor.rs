//! Positions in the whole log: one offset for each partition.
//!
//! On the wire a cursor is opaque text. It holds the whole position, not one event's: a stream interleaves
//! partitions, and resuming must miss and repeat nothing in any of them.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// Version of the written form.
const VERSION: u64 = 1;

/// The offset to go on from, for each partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Position(pub(crate) Vec<u64>);

/// A text that is no cursor of this log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cursor is not one of this log")]
pub(crate) struct BrokenCursor;

impl Position {
    /// The written form.
    pub(crate) fn cursor(&self) -> String {
        let mut bytes = Vec::with_capacity(2 + self.0.len() * 4);
        prost::encoding::encode_varint(VERSION, &mut bytes);
        for offset in &self.0 {
            prost::encoding::encode_varint(*offset, &mut bytes);
        }
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a cursor of a log of so many partitions.
    pub(crate) fn parse(cursor: &str, partitions: u32) -> Result<Self, BrokenCursor> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| BrokenCursor)?;
        let mut rest = bytes.as_slice();
        let mut next = || prost::encoding::decode_varint(&mut rest).map_err(|_| BrokenCursor);
        if next()? != VERSION {
            return Err(BrokenCursor);
        }
        let offsets = (0..partitions).map(|_| next()).collect::<Result<_, _>>()?;
        if rest.is_empty() { Ok(Self(offsets)) } else { Err(BrokenCursor) }
    }

    /// The offset of a partition.
    pub(crate) fn of(&self, partition: usize) -> u64 {
        self.0.get(partition).copied().unwrap_or_default()
    }

    /// Whether anything lies between it and these offsets.
    pub(crate) fn is_before(&self, heads: &[u64]) -> bool {
        self.0.iter().zip(heads).any(|(offset, head)| offset < head)
    }

    /// Goes on in a partition.
    pub(crate) fn advance(&mut self, partition: usize, next: u64) {
        if let Some(offset) = self.0.get_mut(partition) {
            *offset = next.max(*offset);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_a_broken_one_is_refused() {
        let position = Position(vec![0, 127, 128, u64::MAX]);
        let cursor = position.cursor();
        assert_eq!(Position::parse(&cursor, 4), Ok(position));
        assert_eq!(Position::parse(&cursor, 3), Err(BrokenCursor));
        assert_eq!(Position::parse(&cursor, 5), Err(BrokenCursor));
        for broken in ["", "x", "////", "AgAAAAA", &cursor.replace('A', ""), &format!("{cursor}AA")] {
            assert_eq!(Position::parse(broken, 4), Err(BrokenCursor), "{broken}");
        }
    }
}
