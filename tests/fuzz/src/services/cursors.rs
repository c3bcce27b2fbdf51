//! Cursors that clients hand in.

use kenh_api::door;

/// Streams whose cursors are tried.
const STREAMS: [u64; 3] = [0, 7, u64::MAX];

/// A text is a cursor of one number of partitions at most. One that is read reads the same from its written form; what
/// acknowledges a delivery of one stream is nothing to another, and neither is a position.
pub fn cursors(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let readings = (0..=256).filter_map(|partitions| Some((partitions, door::position(text, partitions)?)));
    let readings: Vec<_> = readings.collect();
    assert!(readings.len() <= 1, "a cursor of logs of several sizes");
    for (partitions, (written, offsets)) in &readings {
        assert_eq!(offsets.len(), usize::try_from(*partitions).unwrap_or_default());
        assert_eq!(door::position(written, *partitions), Some((written.clone(), offsets.clone())));
    }
    let tokens: Vec<_> =
        STREAMS.iter().filter_map(|stream| Some((stream, door::acknowledgement(text, *stream)?))).collect();
    assert!(tokens.len() <= 1, "acknowledges deliveries of several streams");
    assert!(tokens.is_empty() || readings.is_empty(), "is a position and an acknowledgement");
    for (stream, (written, number)) in &tokens {
        assert_eq!(door::acknowledgement(written, **stream), Some((written.clone(), *number)));
    }
}
