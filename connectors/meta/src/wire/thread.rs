//! Who owns a thread, and what Meta forbids a page.

use connector_sdk::json::Word;
use serde::Deserialize;

use crate::fields::Text;

/// Passed, taken or asked for: the three differ only in which owners they name.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct ThreadControl {
    pub(crate) previous_owner_app_id: Word,
    pub(crate) new_owner_app_id: Word,
    pub(crate) requested_owner_app_id: Word,
    pub(crate) metadata: Text,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Policy {
    pub(crate) action: Text,
    pub(crate) reason: Text,
}
