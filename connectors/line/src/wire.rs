//! LINE's JSON, field for field. Nothing here has a `Debug`: it is what customers wrote.

#![allow(clippy::struct_field_names, reason = "LINE's names")]

mod content;
mod happening;

pub(crate) use content::{Content, Emoji, Mentionee, MessageBody, Provider};
pub(crate) use happening::{
    BeaconBody, FollowBody, LinkBody, MembersBody, MembershipBody, ModuleBody, PnpBody, PostbackBody, UnsendBody,
    VideoBody,
};

use connector_sdk::{
    json::{Flag, Raw, Soft, Word},
    time::Epoch,
};
use serde::Deserialize;

/// One call.
#[derive(Deserialize)]
pub(crate) struct Body {
    /// User id of the account.
    #[serde(default)]
    pub(crate) destination: Soft<Word>,
    pub(crate) events: Vec<Raw>,
}

/// What is common to all events. Read softly, so that an event whose own part is wrong still says whom it concerns.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Head {
    #[serde(rename = "type")]
    pub(crate) kind: Soft<Word>,
    pub(crate) mode: Soft<Word>,
    pub(crate) timestamp: Option<Epoch>,
    pub(crate) source: Soft<Source>,
    pub(crate) webhook_event_id: Soft<Word>,
    pub(crate) delivery_context: Soft<DeliveryContext>,
    pub(crate) reply_token: Soft<Word>,
}

/// Where it happened: with a user, in a group, or in a room (a group without a name).
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Source {
    pub(crate) user_id: Word,
    pub(crate) group_id: Word,
    pub(crate) room_id: Word,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct DeliveryContext {
    pub(crate) is_redelivery: Flag,
}
