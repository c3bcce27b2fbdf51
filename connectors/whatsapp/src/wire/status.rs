//! What becomes of messages, calls and groups.

use connector_sdk::{
    json::{Number, Raw, Soft, Word},
    time::Epoch,
};
use serde::Deserialize;

use super::Fault;

/// An item of `statuses`: of a message, or with the type `call` of a call.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Status {
    pub(crate) id: Word,
    #[serde(rename = "type")]
    pub(crate) kind: Word,
    #[serde(rename = "status")]
    pub(crate) state: Word,
    pub(crate) timestamp: Option<Epoch>,
    /// The person, or with the type `group` the group.
    pub(crate) recipient_id: Word,
    pub(crate) recipient_type: Word,
    pub(crate) recipient_user_id: Word,
    pub(crate) parent_recipient_user_id: Word,
    /// Groups only: the person.
    pub(crate) recipient_participant_id: Word,
    pub(crate) recipient_participant_user_id: Word,
    pub(crate) biz_opaque_callback_data: Word,
    pub(crate) conversation: Soft<Conversation>,
    pub(crate) pricing: Soft<Pricing>,
    pub(crate) errors: Soft<Vec<Soft<Fault>>>,
}

/// What Meta charges by, in older payloads.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Conversation {
    pub(crate) id: Word,
    pub(crate) expiration_timestamp: Word,
    pub(crate) origin: Soft<Origin>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Origin {
    #[serde(rename = "type")]
    pub(crate) kind: Word,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Pricing {
    pub(crate) billable: Option<Raw>,
    #[serde(rename = "pricing_model")]
    pub(crate) model: Word,
    #[serde(rename = "type")]
    pub(crate) kind: Word,
    pub(crate) category: Word,
}

/// An item of `calls`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Call {
    pub(crate) id: Word,
    pub(crate) from: Word,
    pub(crate) from_user_id: Word,
    pub(crate) to: Word,
    pub(crate) to_user_id: Word,
    pub(crate) event: Word,
    pub(crate) direction: Word,
    pub(crate) timestamp: Option<Epoch>,
    /// A word, or a list of one.
    pub(crate) status: Option<Raw>,
    pub(crate) start_time: Option<Epoch>,
    /// Seconds.
    pub(crate) duration: Option<Number>,
}

/// An item of `groups`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct GroupUpdate {
    pub(crate) group_id: Word,
    #[serde(rename = "type")]
    pub(crate) kind: Word,
    pub(crate) timestamp: Option<Epoch>,
    pub(crate) added_participants: Soft<Vec<Soft<Participant>>>,
    pub(crate) removed_participants: Soft<Vec<Soft<Participant>>>,
    /// Who asks to be let in.
    pub(crate) wa_id: Word,
    pub(crate) user_id: Word,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Participant {
    pub(crate) wa_id: Word,
    pub(crate) user_id: Word,
}
