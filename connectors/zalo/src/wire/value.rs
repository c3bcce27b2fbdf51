//! Values as Zalo writes them.

use connector_sdk::json::{self, Raw, Word};
use serde::{Deserialize, Deserializer};

/// One text or a list of them.
#[derive(Default)]
pub(crate) struct Words(pub(crate) Vec<String>);

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let raw = Raw::deserialize(reader)?;
        let words = if raw.get().starts_with('[') {
            json::parse::<Vec<Word>>(raw.get().as_bytes()).map(|list| list.value)
        } else {
            json::parse::<Word>(raw.get().as_bytes()).map(|word| vec![word.value])
        };
        let words =
            words.map_err(|_| serde::de::Error::custom("unexpected value, expected one text or a list of texts"))?;
        Ok(Self(words.into_iter().filter_map(Word::into_option).collect()))
    }
}
