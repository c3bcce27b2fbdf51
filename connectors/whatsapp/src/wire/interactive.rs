//! What somebody answered by tapping.

use connector_sdk::{
    json::{Flag, Soft, Word},
    time::Epoch,
};
use serde::Deserialize;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Interactive {
    #[serde(rename = "type")]
    pub(crate) kind: Word,
    pub(crate) button_reply: Option<Reply>,
    pub(crate) list_reply: Option<Reply>,
    pub(crate) nfm_reply: Option<FlowAnswer>,
    pub(crate) call_permission_reply: Option<CallPermission>,
}

/// A button or row.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Reply {
    pub(crate) id: Word,
    pub(crate) title: Word,
    pub(crate) description: Word,
}

/// A flow that was filled in, or an address or payment that was given.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct FlowAnswer {
    pub(crate) name: Word,
    pub(crate) body: Word,
    /// JSON in a text.
    pub(crate) response_json: Word,
}

/// Whether the business may call.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct CallPermission {
    pub(crate) response: Word,
    pub(crate) is_permanent: Soft<Flag>,
    pub(crate) expiration_timestamp: Option<Epoch>,
}
