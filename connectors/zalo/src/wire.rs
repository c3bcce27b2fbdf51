//! Zalo's JSON, field for field. Nothing here has a `Debug`: it is what customers wrote.

mod call;
mod message;
mod people;
mod template;
mod value;

pub(crate) use call::{CallBody, ConsentBody};
pub(crate) use message::{Attachment, BusinessCard, MessageBody, Payload, Product, SeenIds};
pub(crate) use people::{FollowBody, GroupBody, Info, OrderBody, SubmitBody, TagBody, UpdateBody, WidgetBody};
pub(crate) use template::{ButtonBody, FeedbackBody};
pub(crate) use value::Words;

use connector_sdk::json::Raw;
pub(crate) use connector_sdk::json::{Soft, Word, missing};
use serde::Deserialize;

/// What is common to all events. Read softly: a member of the wrong shape is as good as absent here, so that an event
/// whose own part is wrong still names its account.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Head {
    pub(crate) event_name: Option<Raw>,
    pub(crate) timestamp: Option<Raw>,
    pub(crate) app_id: Soft<Word>,
    pub(crate) oa_id: Soft<Word>,
    /// The spelling of `change_oa_daily_quota`.
    #[serde(rename = "oaId")]
    pub(crate) oa_id_camel: Soft<Word>,
    pub(crate) sender: Soft<Party>,
    pub(crate) recipient: Soft<Party>,
    pub(crate) user_id: Soft<Word>,
    pub(crate) user_id_by_app: Soft<Word>,
}

/// A side of a conversation: Official Account, user, phone number, anonymous visitor or group.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Party {
    pub(crate) id: Word,
    /// Set where a person of the business wrote in the OA's own chat tool.
    pub(crate) admin_id: Soft<Word>,
}
