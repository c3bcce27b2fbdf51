//! Leave to write, given or withdrawn.

use connector_sdk::{json::Word, time::Epoch};
use serde::Deserialize;

use crate::fields::Text;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Optin {
    /// Absent for the plugins on the page's own site.
    #[serde(rename = "type")]
    pub(crate) kind: Text,
    /// Plugins: the page's own reference, and who ticked the box.
    #[serde(rename = "ref")]
    pub(crate) reference: Text,
    pub(crate) user_ref: Word,
    pub(crate) title: Text,
    pub(crate) payload: Text,
    pub(crate) notification_messages_token: Text,
    pub(crate) notification_messages_frequency: Text,
    pub(crate) notification_messages_status: Text,
    pub(crate) token_expiry_timestamp: Option<Epoch>,
    pub(crate) one_time_notif_token: Text,
}
