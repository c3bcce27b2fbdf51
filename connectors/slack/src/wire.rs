//! Slack's JSON, field for field. Nothing here has a `Debug`: it is what people wrote.

#![allow(clippy::struct_field_names, reason = "Slack's names")]

mod event;
mod interaction;

pub(crate) use event::{Author, Event, File, Message, Unfurl};
pub(crate) use interaction::{Answer, Control, Interaction, View};

use connector_sdk::{
    json::{Flag, Raw, Soft, Word},
    time::Epoch,
};
use serde::Deserialize;

/// One call of the Events API.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Call {
    /// `event_callback`, `url_verification`, `app_rate_limited`.
    #[serde(rename = "type")]
    pub(crate) kind: Soft<Word>,
    pub(crate) team_id: Soft<Word>,
    pub(crate) api_app_id: Soft<Word>,
    pub(crate) event_id: Soft<Word>,
    pub(crate) event_time: Option<Epoch>,
    /// For whom the app sees the event.
    pub(crate) authorizations: Soft<Vec<Authorization>>,
    pub(crate) event: Option<Raw>,
    /// `app_rate_limited`
    pub(crate) minute_rate_limited: Option<Epoch>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Authorization {
    pub(crate) user_id: Word,
    pub(crate) is_bot: Flag,
}

/// `url_verification`
#[derive(Deserialize)]
pub(crate) struct Verification {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) challenge: String,
}
