//! A message, written by a person or echoed from the page.

use connector_sdk::json::{Flag, Number, Raw, Word};
use serde::Deserialize;

use super::Referral;
use crate::fields::Text;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Message {
    pub(crate) mid: Text,
    pub(crate) text: Text,
    pub(crate) quick_reply: Option<QuickReply>,
    pub(crate) reply_to: Option<ReplyTo>,
    /// Each is read by itself, so that a new kind of attachment does not cost the text.
    pub(crate) attachments: Option<Vec<Raw>>,
    /// Where the sticker was named before attachments could.
    pub(crate) sticker_id: Word,
    pub(crate) referral: Option<Referral>,
    pub(crate) seq: Option<Number>,
    pub(crate) is_echo: Flag,
    pub(crate) is_unsupported: Flag,
    pub(crate) is_deleted: Flag,
    /// Echoes only: the app that sent it, and what that app wanted to have back.
    pub(crate) app_id: Word,
    pub(crate) metadata: Text,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct QuickReply {
    pub(crate) payload: Text,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct ReplyTo {
    pub(crate) mid: Text,
    pub(crate) is_self_reply: Option<Flag>,
    /// Instagram only.
    pub(crate) story: Option<Story>,
}

/// A story that is answered.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Story {
    pub(crate) id: Word,
    pub(crate) url: Text,
}

/// What came before the first message: the checkbox plugin knew the person by a reference of the page's own.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct PriorMessage {
    pub(crate) source: Text,
    pub(crate) identifier: Word,
}
