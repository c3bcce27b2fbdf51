//! Updates other than messages.

use connector_sdk::{
    json::{Flag, Raw, Soft, Word},
    time::Epoch,
};
use serde::Deserialize;

use super::{Chat, User};

/// `business_connection`
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Connection {
    pub(crate) id: Word,
    pub(crate) date: Option<Epoch>,
    pub(crate) is_enabled: Flag,
}

/// `deleted_business_messages`
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Deleted {
    pub(crate) business_connection_id: Word,
    pub(crate) chat: Chat,
    pub(crate) message_ids: Vec<Word>,
}

/// `callback_query`
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Callback {
    pub(crate) id: Word,
    pub(crate) from: User,
    /// Absent for messages sent through another chat's input field.
    pub(crate) message: Soft<Option<Button>>,
    pub(crate) inline_message_id: Soft<Word>,
    pub(crate) data: Soft<Word>,
    pub(crate) game_short_name: Soft<Word>,
}

/// The message a button is on: no more than its id and place where it is too old, with a date of 0.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Button {
    pub(crate) message_id: Word,
    pub(crate) chat: Chat,
    pub(crate) business_connection_id: Soft<Word>,
}

/// `chosen_inline_result`
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Chosen {
    pub(crate) result_id: Word,
    pub(crate) from: User,
    pub(crate) query: Soft<Word>,
    pub(crate) inline_message_id: Soft<Word>,
}

/// `shipping_query`
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Shipping {
    pub(crate) id: Word,
    pub(crate) from: User,
    pub(crate) invoice_payload: Soft<Word>,
    pub(crate) shipping_address: Soft<Address>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Address {
    pub(crate) country_code: Word,
    pub(crate) state: Word,
    pub(crate) city: Word,
    pub(crate) street_line1: Word,
    pub(crate) street_line2: Word,
    pub(crate) post_code: Word,
}

/// `pre_checkout_query`
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct PreCheckout {
    pub(crate) id: Word,
    pub(crate) from: User,
    pub(crate) currency: Soft<Word>,
    pub(crate) total_amount: Soft<Word>,
    pub(crate) invoice_payload: Soft<Word>,
}

/// `purchased_paid_media`
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct PaidMedia {
    pub(crate) from: User,
    pub(crate) paid_media_payload: Soft<Word>,
}

/// `poll_answer`: no options when a vote is withdrawn.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct PollAnswer {
    pub(crate) poll_id: Word,
    pub(crate) user: Soft<Option<User>>,
    pub(crate) option_ids: Vec<Word>,
}

/// `my_chat_member`, `chat_member`
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct MemberChange {
    pub(crate) chat: Chat,
    pub(crate) from: User,
    pub(crate) date: Option<Epoch>,
    pub(crate) old_chat_member: Member,
    pub(crate) new_chat_member: Member,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Member {
    pub(crate) user: User,
    /// `creator`, `administrator`, `member`, `restricted`, `left`, `kicked`.
    pub(crate) status: Word,
    /// `restricted` only: still in it.
    pub(crate) is_member: Flag,
}

/// `chat_join_request`
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct JoinRequest {
    pub(crate) chat: Chat,
    pub(crate) from: User,
    pub(crate) date: Option<Epoch>,
}

/// `message_reaction`: all reactions of one person to one message, before and after.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Reacted {
    pub(crate) chat: Chat,
    pub(crate) message_id: Word,
    pub(crate) user: Soft<Option<User>>,
    pub(crate) actor_chat: Soft<Option<Chat>>,
    pub(crate) date: Option<Epoch>,
    pub(crate) old_reaction: Vec<Raw>,
    pub(crate) new_reaction: Vec<Raw>,
}

/// `emoji`, `custom_emoji`, `paid`.
#[derive(Deserialize, Default, PartialEq, Eq)]
#[serde(default)]
pub(crate) struct ReactionType {
    #[serde(rename = "type")]
    pub(crate) kind: Word,
    pub(crate) emoji: Word,
    pub(crate) custom_emoji_id: Word,
}
