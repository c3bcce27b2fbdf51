//! Text that is absent, null or empty: all three say nothing. What may be a number too is the SDK's `Word`.

use serde::{Deserialize, Deserializer};

/// A text, and nothing else: a number in its place is a fault of the item.
#[derive(Default)]
pub struct Text(pub Option<String>);

// By hand: it may be what a customer wrote.
impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "Text(..)" } else { "Text()" })
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        Ok(Self(Option::<String>::deserialize(reader)?.filter(|text| !text.is_empty())))
    }
}

/// The text, when it is an absolute web address. Meta also sends paths (`/reel/…`) and bare file names there.
pub fn web(url: Option<String>) -> Option<String> {
    url.filter(|url| connector_sdk::address::is_web(url))
}
