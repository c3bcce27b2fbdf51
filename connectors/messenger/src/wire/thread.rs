//! Who owns a thread, and what Meta forbids a page.

use serde::Deserialize;

use super::fields::{Ident, Text};

/// Passed, taken or asked for: the three differ only in which owners they name.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct ThreadControl {
    pub(crate) previous_owner_app_id: Ident,
    pub(crate) new_owner_app_id: Ident,
    pub(crate) requested_owner_app_id: Ident,
    pub(crate) metadata: Text,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Policy {
    pub(crate) action: Text,
    pub(crate) reason: Text,
}
