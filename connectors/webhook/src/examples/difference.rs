//! What is expected and is not there, in words.

use serde_json::Value;

/// Characters of a value that are told at most.
const LONGEST: usize = 120;

/// Where `found` lacks what is `expected`: members that are not expected are passed over, arrays are compared item by item.
pub(super) fn differences(expected: &Value, found: &Value) -> Vec<String> {
    let mut told = Vec::new();
    compare("events", expected, found, &mut told);
    told
}

fn compare(path: &str, expected: &Value, found: &Value, told: &mut Vec<String>) {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            for (name, wanted) in expected {
                let path = format!("{path}.{name}");
                match found.get(name) {
                    Some(found) => compare(&path, wanted, found, told),
                    None => told.push(format!("{path}: expected {}, found nothing", short(wanted))),
                }
            }
        }
        (Value::Array(expected), Value::Array(found)) => {
            for (index, (wanted, found)) in expected.iter().zip(found).enumerate() {
                compare(&format!("{path}[{index}]"), wanted, found, told);
            }
            if expected.len() != found.len() {
                told.push(format!("{path}: expected {}, found {}", expected.len(), found.len()));
            }
        }
        (expected, found) if expected == found => {}
        (expected, found) => told.push(format!("{path}: expected {}, found {}", short(expected), short(found))),
    }
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= LONGEST {
        return text;
    }
    text.chars().take(LONGEST).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_difference_names_its_place_and_both_sides() {
        let found = json!([{"kind": "message", "text": {"body": "hi"}, "more": 1}]);
        assert!(differences(&json!([{"text": {"body": "hi"}}]), &found).is_empty());
        assert_eq!(
            differences(&json!([{"text": {"body": "ho"}, "time": 1}, {}]), &found),
            [
                "events[0].text.body: expected \"ho\", found \"hi\"",
                "events[0].time: expected 1, found nothing",
                "events: expected 2, found 1"
            ]
        );
    }
}
