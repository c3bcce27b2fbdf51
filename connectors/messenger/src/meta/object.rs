//! Reading JSON objects, and nothing else, from a body or an item.

use connector_sdk::{
    Malformed,
    json::{self, Parsed},
};
use serde::de::{DeserializeOwned, IgnoredAny};

/// Reads an object. A list is refused: taking its items for members in order is a convenience no channel means.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<Parsed<T>, Malformed> {
    if bytes.trim_ascii_start().first() == Some(&b'{') {
        return json::parse(bytes);
    }
    json::parse::<IgnoredAny>(bytes)?;
    Err(Malformed { reason: "unexpected_shape", detail: "expected an object".into() })
}
