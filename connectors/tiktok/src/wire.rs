//! TikTok's JSON, field for field. Nothing here has a `Debug`: it is what people wrote.

use connector_sdk::{
    json::{Raw, Soft, Word},
    time::Epoch,
};
use serde::Deserialize;

/// One call.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Call {
    pub(crate) event: Soft<Word>,
    /// In seconds.
    pub(crate) create_time: Option<Epoch>,
    /// The business account.
    pub(crate) user_openid: Soft<Word>,
    /// JSON within a text.
    pub(crate) content: Option<Raw>,
}

/// What is in the text: the members of all events in one, as no member means two things.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Content {
    #[serde(rename = "type")]
    pub(crate) kind: Soft<Word>,
    pub(crate) message_id: Soft<Word>,
    pub(crate) conversation_id: Soft<Word>,
    /// In milliseconds.
    pub(crate) timestamp: Option<Epoch>,
    /// The user names.
    pub(crate) from: Soft<Word>,
    pub(crate) to: Soft<Word>,
    pub(crate) from_user: Soft<User>,
    pub(crate) to_user: Soft<User>,
    pub(crate) text: Soft<Written>,
    pub(crate) image: Soft<File>,
    pub(crate) video: Soft<File>,
    pub(crate) share_post: Soft<Shared>,
    pub(crate) sticker: Soft<Sticker>,
    pub(crate) referenced_message_info: Soft<Referenced>,
    /// `im_mark_read_msg`
    pub(crate) read: Soft<Read>,
    /// `authorization.removed`
    pub(crate) reason: Soft<Word>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct User {
    pub(crate) id: Soft<Word>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Written {
    pub(crate) body: Word,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct File {
    pub(crate) media_id: Soft<Word>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Shared {
    pub(crate) embed_url: Soft<Word>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Sticker {
    pub(crate) sticker_id: Soft<Word>,
    pub(crate) url: Soft<Word>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Referenced {
    pub(crate) referenced_message_id: Soft<Word>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Read {
    /// In milliseconds.
    pub(crate) last_read_timestamp: Option<Epoch>,
}
