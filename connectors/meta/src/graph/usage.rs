//! How long Meta wants to be left alone. Its limits are told in a header of their own, never in `Retry-After`.
//! See <https://developers.facebook.com/docs/graph-api/overview/rate-limiting>.

use std::time::Duration;

use serde_json::Value;

/// Limits are counted over a rolling day at most: what is longer is a mistake.
const LONGEST: u64 = 24 * 60;

/// The longest time of all limits in `X-Business-Use-Case-Usage`, which Meta states in minutes for each business and
/// type of call. `X-App-Usage` has percentages only.
pub fn pause(header: &str, value: &str) -> Option<Duration> {
    if header != "x-business-use-case-usage" {
        return None;
    }
    let usage: Value = serde_json::from_str(value).ok()?;
    let limits = usage.as_object()?.values().filter_map(Value::as_array).flatten();
    let minutes = limits.filter_map(|limit| limit.get("estimated_time_to_regain_access")?.as_u64()).max()?;
    (minutes > 0).then(|| Duration::from_secs(minutes.min(LONGEST) * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "x-business-use-case-usage";

    #[test]
    fn the_longest_time_of_all_limits_counts() {
        let value = r#"{"77":[{"type":"messenger","call_count":100,"estimated_time_to_regain_access":19},
            {"type":"pages","estimated_time_to_regain_access":4}],"78":[{"type":"pages"}]}"#;
        assert_eq!(pause(HEADER, value), Some(Duration::from_secs(19 * 60)));
        assert_eq!(pause("x-app-usage", value), None);
        let forever = r#"{"77":[{"estimated_time_to_regain_access":18446744073709551615}]}"#;
        assert_eq!(pause(HEADER, forever), Some(Duration::from_secs(24 * 3600)));
    }

    #[test]
    fn where_nothing_is_exhausted_there_is_no_pause() {
        for value in ["", "{}", "[]", r#"{"77":{}}"#, r#"{"77":[{"estimated_time_to_regain_access":0}]}"#] {
            assert_eq!(pause(HEADER, value), None, "{value}");
        }
    }
}
