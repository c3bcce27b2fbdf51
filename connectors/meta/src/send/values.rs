//! Values of an approved template's placeholders.

use serde_json::{Value, json};

/// Texts in the order of their placeholders; nothing where these are neither all numbered, from 1 without a gap, nor all
/// named.
pub fn texts<'a>(values: impl IntoIterator<Item = (&'a str, &'a String)>) -> Option<Vec<Value>> {
    let mut values: Vec<(&str, &String)> = values.into_iter().collect();
    let number = |key: &str| key.parse::<usize>().ok();
    if values.iter().all(|(key, _)| number(key).is_none()) {
        values.sort_unstable();
        let named = |(key, value): &(&str, &String)| json!({"type": "text", "parameter_name": key, "text": value});
        return Some(values.iter().map(named).collect());
    }
    values.sort_unstable_by_key(|(key, _)| number(key));
    let in_order = (1..).zip(&values).all(|(place, (key, _))| number(key) == Some(place));
    in_order.then(|| values.iter().map(|(_, value)| json!({"type": "text", "text": value})).collect())
}
