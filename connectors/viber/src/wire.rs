//! Viber's JSON, field for field. Nothing here has a `Debug`: it is what customers wrote.

use connector_sdk::{
    json::{Flag, Number, Soft, Word},
    time::Epoch,
};
use serde::Deserialize;

/// One call: the members of all events in one, as no member means two things.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Call {
    pub(crate) event: Soft<Word>,
    pub(crate) timestamp: Option<Epoch>,
    /// A number beyond 2^53. Of a receipt, the message's it is about.
    pub(crate) message_token: Soft<Word>,
    /// The person: under one of three names, by event.
    pub(crate) sender: Soft<Option<Person>>,
    pub(crate) user: Soft<Option<Person>>,
    pub(crate) user_id: Soft<Word>,
    /// `conversation_started`
    #[serde(rename = "type")]
    pub(crate) kind: Soft<Word>,
    pub(crate) context: Soft<Word>,
    pub(crate) subscribed: Soft<Option<Flag>>,
    /// `failed`
    pub(crate) desc: Soft<Word>,
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub(crate) struct Person {
    pub(crate) id: Word,
    pub(crate) name: Soft<Word>,
    pub(crate) avatar: Soft<Word>,
    pub(crate) language: Soft<Word>,
}

/// `message`
#[derive(Deserialize)]
pub(crate) struct MessageBody {
    pub(crate) message: Content,
}

/// Contents of all types in one.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Content {
    #[serde(rename = "type")]
    pub(crate) kind: Word,
    pub(crate) text: Word,
    /// What the business had put into the message before this one.
    pub(crate) tracking_data: Soft<Word>,
    /// `picture`, `video`, `file`: where it is. `url`: the link.
    pub(crate) media: Word,
    pub(crate) thumbnail: Word,
    pub(crate) file_name: Word,
    pub(crate) size: Soft<Option<Number>>,
    /// Seconds.
    pub(crate) duration: Soft<Option<Number>>,
    pub(crate) contact: Soft<Card>,
    pub(crate) location: Soft<Option<Place>>,
    pub(crate) sticker_id: Word,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Card {
    pub(crate) name: Word,
    pub(crate) phone_number: Word,
    pub(crate) avatar: Word,
}

#[derive(Deserialize)]
pub(crate) struct Place {
    pub(crate) lat: Number,
    pub(crate) lon: Number,
    #[serde(default)]
    pub(crate) address: Word,
}
