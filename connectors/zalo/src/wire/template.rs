//! What people do with template messages (ZNS). These name no user: message and tracking id tell whose they are.

use connector_sdk::{json::Number, time::Epoch};
use serde::Deserialize;

use super::{Soft, Word, Words};

/// `user_feedback`.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct FeedbackBody {
    pub(crate) message: Rating,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Rating {
    pub(crate) msg_id: Word,
    pub(crate) tracking_id: Word,
    #[serde(rename = "rating_type")]
    pub(crate) kind: Soft<Word>,
    pub(crate) rate: Soft<Option<Number>>,
    pub(crate) note: Word,
    pub(crate) feedbacks: Words,
    pub(crate) submit_time: SubmitTime,
}

/// `user_click_response_button`. Its message id is outside of `message`.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct ButtonBody {
    pub(crate) msg_id: Word,
    pub(crate) message: Button,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Button {
    /// Where one would look for it first.
    pub(crate) msg_id: Word,
    pub(crate) tracking_id: Word,
    #[serde(rename = "button_type")]
    pub(crate) kind: Soft<Word>,
    pub(crate) data: Word,
    pub(crate) submit_time: SubmitTime,
}

/// A time that is also part of the event's identity, and so kept as written.
#[derive(Default)]
pub(crate) struct SubmitTime {
    pub(crate) literal: String,
    pub(crate) epoch: Option<Epoch>,
}

impl<'de> Deserialize<'de> for SubmitTime {
    fn deserialize<D: serde::Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let raw = connector_sdk::json::Raw::deserialize(reader)?;
        let literal = raw.get().trim_matches('"').to_owned();
        Ok(Self { literal, epoch: serde_json::from_str(raw.get()).ok() })
    }
}
