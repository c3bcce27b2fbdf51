//! Telegram's JSON, field for field. Nothing here has a `Debug`: it is what customers wrote.

#![allow(clippy::struct_field_names, reason = "Telegram's names")]

mod content;
mod happening;
mod message;

pub(crate) use content::{Card, Entity, File, Forward, Game, Place, Poll, Quoted, Sticker, Story, Venue};
pub(crate) use happening::{
    Callback, Chosen, Connection, Deleted, JoinRequest, Member, MemberChange, PaidMedia, PollAnswer, PreCheckout,
    Reacted, ReactionType, Shipping,
};
pub(crate) use message::Message;

use std::collections::BTreeMap;

use connector_sdk::json::{Flag, Raw, Soft, Word};
use serde::Deserialize;

/// One call: an id, and one member named after its kind.
pub(crate) type Update = BTreeMap<String, Raw>;

/// A person or a program. Ids are beyond 2^32.
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub(crate) struct User {
    pub(crate) id: Word,
    pub(crate) is_bot: Flag,
    pub(crate) first_name: Soft<Word>,
    pub(crate) last_name: Soft<Word>,
    pub(crate) username: Soft<Word>,
    pub(crate) language_code: Soft<Word>,
}

/// Where it happened. Ids of groups are negative.
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub(crate) struct Chat {
    pub(crate) id: Word,
    /// `private`, `group`, `supergroup`, `channel`.
    #[serde(rename = "type")]
    pub(crate) kind: Soft<Word>,
    pub(crate) title: Soft<Word>,
    pub(crate) first_name: Soft<Word>,
    pub(crate) last_name: Soft<Word>,
    pub(crate) username: Soft<Word>,
}
