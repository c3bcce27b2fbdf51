//! Members that are absent, null or empty: all three say nothing.

use connector_sdk::json::Id;
use serde::{Deserialize, Deserializer};

/// A text.
#[derive(Default)]
pub(crate) struct Text(pub(crate) Option<String>);

/// An id, as text or as a number of any length.
#[derive(Default)]
pub(crate) struct Ident(pub(crate) Option<String>);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        Ok(Self(Option::<String>::deserialize(reader)?.filter(|text| !text.is_empty())))
    }
}

impl<'de> Deserialize<'de> for Ident {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        Ok(Self(Option::<Id>::deserialize(reader)?.map(String::from).filter(|id| !id.is_empty())))
    }
}
