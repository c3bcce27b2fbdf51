//! An item of `messaging` or `standby`. What happened is told by the member that is there.

use std::collections::BTreeMap;

use connector_sdk::{
    json::{Number, Word},
    time::Epoch,
};
use serde::Deserialize;

use super::{
    MessagingFeedback, Optin, Policy, Referral, ResponseFeedback, ThreadControl,
    message::{Message, PriorMessage},
};
use crate::fields::Text;

/// The members that every item has; none of them says what happened.
pub(crate) const COMMON: &[&str] = &["sender", "recipient", "timestamp"];

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Item {
    pub(crate) sender: Option<Party>,
    pub(crate) recipient: Option<Party>,
    pub(crate) timestamp: Option<Epoch>,
    pub(crate) prior_message: Option<PriorMessage>,
    pub(crate) message: Option<Message>,
    pub(crate) message_edit: Option<MessageEdit>,
    pub(crate) reaction: Option<Reaction>,
    pub(crate) postback: Option<Postback>,
    pub(crate) read: Option<Read>,
    pub(crate) delivery: Option<Delivery>,
    pub(crate) optin: Option<Optin>,
    pub(crate) referral: Option<Referral>,
    pub(crate) account_linking: Option<AccountLinking>,
    pub(crate) messaging_feedback: Option<MessagingFeedback>,
    pub(crate) response_feedback: Option<ResponseFeedback>,
    pub(crate) pass_thread_control: Option<ThreadControl>,
    pub(crate) take_thread_control: Option<ThreadControl>,
    pub(crate) request_thread_control: Option<ThreadControl>,
    pub(crate) app_roles: Option<BTreeMap<String, Vec<String>>>,
    #[serde(rename = "policy_enforcement")]
    pub(crate) policy: Option<Policy>,
    // The same in another spelling. An alias would refuse an item that has both.
    #[serde(rename = "policy-enforcement")]
    pub(crate) policy_hyphenated: Option<Policy>,
}

/// A page or a person; a person who has not written yet may be known by the checkbox plugin's reference only.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Party {
    pub(crate) id: Word,
    pub(crate) user_ref: Word,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct MessageEdit {
    pub(crate) mid: Text,
    pub(crate) text: Text,
    pub(crate) num_edit: Option<Number>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Reaction {
    pub(crate) mid: Text,
    pub(crate) action: Text,
    #[serde(rename = "reaction")]
    pub(crate) code: Text,
    pub(crate) emoji: Text,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Postback {
    pub(crate) mid: Text,
    pub(crate) title: Text,
    pub(crate) payload: Text,
    pub(crate) referral: Option<Referral>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Read {
    /// Instagram: one message. Messenger: everything up to a moment.
    pub(crate) mid: Text,
    pub(crate) watermark: Option<Epoch>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Delivery {
    pub(crate) mids: Option<Vec<String>>,
    pub(crate) watermark: Option<Epoch>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct AccountLinking {
    pub(crate) status: Text,
    pub(crate) authorization_code: Text,
}
