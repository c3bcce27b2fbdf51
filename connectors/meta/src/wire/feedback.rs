//! Answers to a survey, and judgements of an answer.

use std::collections::BTreeMap;

use connector_sdk::json::{Raw, Word};
use serde::Deserialize;

use crate::fields::Text;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct MessagingFeedback {
    pub(crate) feedback_screens: Option<Vec<Screen>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Screen {
    pub(crate) screen_id: Word,
    /// By the ids the page gave them. Each is read by itself.
    pub(crate) questions: Option<BTreeMap<String, Raw>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Question {
    #[serde(rename = "type")]
    pub(crate) kind: Text,
    /// The answer: a number as text, or words.
    pub(crate) payload: Word,
    pub(crate) follow_up: Option<FollowUp>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct FollowUp {
    pub(crate) payload: Text,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct ResponseFeedback {
    pub(crate) mid: Text,
    pub(crate) feedback: Text,
}
