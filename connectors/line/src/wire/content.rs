//! What people write.

use connector_sdk::json::{Flag, Number, Soft, Word};
use serde::Deserialize;

/// `message`, `messageEdited`.
#[derive(Deserialize)]
pub(crate) struct MessageBody {
    pub(crate) message: Content,
}

/// Contents of all types in one: no member means two things.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Content {
    pub(crate) id: Word,
    #[serde(rename = "type")]
    pub(crate) kind: Word,
    pub(crate) quoted_message_id: Soft<Word>,
    /// What names the message to whoever quotes it, or marks it as read.
    pub(crate) quote_token: Soft<Word>,
    pub(crate) mark_as_read_token: Soft<Word>,
    /// `text`, and what is written on some stickers.
    pub(crate) text: Word,
    pub(crate) emojis: Soft<Vec<Emoji>>,
    pub(crate) mention: Soft<Mention>,
    /// `image`, `video`, `audio`.
    pub(crate) content_provider: Soft<Provider>,
    pub(crate) image_set: Soft<ImageSet>,
    /// Milliseconds.
    pub(crate) duration: Soft<Option<Number>>,
    /// `file`.
    pub(crate) file_name: Word,
    pub(crate) file_size: Soft<Option<Number>>,
    /// `location`.
    pub(crate) title: Word,
    pub(crate) address: Word,
    pub(crate) latitude: Soft<Option<Number>>,
    pub(crate) longitude: Soft<Option<Number>>,
    /// `sticker`.
    pub(crate) package_id: Word,
    pub(crate) sticker_id: Word,
}

/// A picture within a text.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Emoji {
    pub(crate) index: Option<Number>,
    pub(crate) length: Option<Number>,
    pub(crate) product_id: Word,
    pub(crate) emoji_id: Word,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Mention {
    pub(crate) mentionees: Soft<Vec<Mentionee>>,
}

/// Somebody named in a text: `user`, or `all`.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Mentionee {
    pub(crate) index: Option<Number>,
    pub(crate) length: Option<Number>,
    #[serde(rename = "type")]
    pub(crate) kind: Word,
    /// Absent where the person has not agreed to be known.
    pub(crate) user_id: Word,
    pub(crate) is_self: Flag,
}

/// Who has the file: `line`, or somebody `external`.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Provider {
    #[serde(rename = "type")]
    pub(crate) kind: Word,
    pub(crate) original_content_url: Word,
    pub(crate) preview_image_url: Word,
}

/// Pictures sent at once.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct ImageSet {
    pub(crate) id: Word,
}
