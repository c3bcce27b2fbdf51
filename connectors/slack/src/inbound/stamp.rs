//! Slack's own way of writing a moment: `1767225600.000100`, which is a message's id too.

use prost_types::Timestamp;

/// The moment, read digit by digit: as a binary fraction it would be another one.
pub(super) fn moment(ts: &str) -> Option<Timestamp> {
    let (seconds, micros) = ts.split_once('.')?;
    let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(seconds, 10) || !digits(micros, 6) || seconds.starts_with('0') {
        return None;
    }
    Some(Timestamp { seconds: seconds.parse().ok()?, nanos: micros.parse::<i32>().ok()? * 1000 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_to_the_microsecond() {
        assert_eq!(moment("1767225600.000100"), Some(Timestamp { seconds: 1_767_225_600, nanos: 100_000 }));
        assert_eq!(moment("1767225600.999999").map(|at| at.nanos), Some(999_999_000));
        for odd in ["", "1767225600", "1767225600.1", "0767225600.000100", "17672256000.000100", "1767225600.00010x"] {
            assert_eq!(moment(odd), None, "{odd}");
        }
    }
}
