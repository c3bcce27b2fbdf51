//! What people do with buttons and forms.

use std::collections::HashMap;

use connector_sdk::json::{Raw, Soft, Word};
use serde::Deserialize;

/// The `payload` of a form post.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Interaction {
    #[serde(rename = "type")]
    pub(crate) kind: Soft<Word>,
    pub(crate) api_app_id: Soft<Word>,
    pub(crate) team: Soft<Named>,
    pub(crate) user: Soft<Named>,
    pub(crate) channel: Soft<Named>,
    pub(crate) container: Soft<Container>,
    pub(crate) message: Soft<Stamped>,
    pub(crate) trigger_id: Soft<Word>,
    pub(crate) action_ts: Soft<Word>,
    pub(crate) response_url: Soft<Word>,
    /// `shortcut`, `message_action`
    pub(crate) callback_id: Soft<Word>,
    /// `block_actions`
    pub(crate) actions: Soft<Vec<Raw>>,
    /// `view_submission`
    pub(crate) view: Soft<View>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Named {
    pub(crate) id: Word,
    pub(crate) username: Word,
    pub(crate) name: Word,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Container {
    pub(crate) message_ts: Word,
    pub(crate) channel_id: Word,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Stamped {
    pub(crate) ts: Word,
}

/// A control that was used.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Control {
    pub(crate) action_id: Word,
    pub(crate) block_id: Word,
    pub(crate) action_ts: Word,
    pub(crate) text: Soft<Label>,
}

/// What was picked or typed, by the kind of control. Read from the control by itself, beside which one it is.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Answer {
    pub(crate) value: Soft<Word>,
    pub(crate) selected_option: Soft<Choice>,
    pub(crate) selected_options: Soft<Vec<Choice>>,
    pub(crate) selected_user: Soft<Word>,
    pub(crate) selected_conversation: Soft<Word>,
    pub(crate) selected_channel: Soft<Word>,
    pub(crate) selected_date: Soft<Word>,
    pub(crate) selected_time: Soft<Word>,
    pub(crate) selected_date_time: Soft<Word>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Choice {
    pub(crate) value: Word,
    pub(crate) text: Soft<Label>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Label {
    pub(crate) text: Word,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct View {
    pub(crate) id: Word,
    pub(crate) callback_id: Word,
    pub(crate) private_metadata: Word,
    pub(crate) state: Soft<State>,
}

/// Answers by block and control.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct State {
    pub(crate) values: HashMap<String, HashMap<String, Answer>>,
}
