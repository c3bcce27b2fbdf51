//! What messages consist of.

use connector_sdk::json::{Number, Soft, Word};
use serde::Deserialize;

use super::User;

/// A range of text, counted in UTF-16 code units.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Entity {
    #[serde(rename = "type")]
    pub(crate) kind: Word,
    pub(crate) offset: Option<Number>,
    pub(crate) length: Option<Number>,
    pub(crate) url: Word,
    pub(crate) user: Soft<Option<User>>,
    pub(crate) language: Word,
    pub(crate) custom_emoji_id: Word,
}

/// A file of any sort, fetched by its id.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct File {
    pub(crate) file_id: Word,
    pub(crate) file_name: Soft<Word>,
    pub(crate) mime_type: Soft<Word>,
    pub(crate) file_size: Soft<Option<Number>>,
    /// Seconds.
    pub(crate) duration: Soft<Option<Number>>,
    pub(crate) width: Soft<Option<Number>>,
    pub(crate) height: Soft<Option<Number>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Sticker {
    pub(crate) file_id: Word,
    pub(crate) emoji: Soft<Word>,
    pub(crate) set_name: Soft<Word>,
}

#[derive(Deserialize)]
pub(crate) struct Place {
    pub(crate) latitude: Number,
    pub(crate) longitude: Number,
}

#[derive(Deserialize)]
pub(crate) struct Venue {
    pub(crate) location: Place,
    #[serde(default)]
    pub(crate) title: Word,
    #[serde(default)]
    pub(crate) address: Word,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Card {
    pub(crate) phone_number: Word,
    pub(crate) first_name: Word,
    pub(crate) last_name: Word,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Poll {
    pub(crate) question: Word,
    pub(crate) options: Vec<PollOption>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct PollOption {
    pub(crate) text: Word,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Game {
    pub(crate) title: Word,
    pub(crate) description: Word,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Story {
    pub(crate) id: Word,
}

/// The message that is answered, or the words of it.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Quoted {
    pub(crate) message_id: Word,
    pub(crate) text: Word,
    pub(crate) caption: Word,
    pub(crate) from: Soft<Option<User>>,
}

/// That a message was forwarded is all that is taken over.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Forward {}
