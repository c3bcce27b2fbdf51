//! X's JSON, field for field; both products, which share direct messages. Nothing here has a `Debug`: it is what people wrote.

#![allow(clippy::struct_field_names, reason = "X's names")]

mod happening;
mod post;

use std::collections::BTreeMap;

use connector_sdk::{
    json::{Number, Raw, Soft, Word},
    time::Epoch,
};
use serde::Deserialize;

pub(crate) use self::{
    happening::Happening,
    post::{Entities, Post, Span},
};

/// The members of an object, not looked into.
pub(crate) type Members = BTreeMap<String, Raw>;

/// The one event of a call of the X Activity API.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Activity {
    /// A signed number beyond 2^53, as text.
    pub(crate) event_uuid: Soft<Word>,
    pub(crate) event_type: Soft<Word>,
    pub(crate) filter: Soft<Filter>,
    pub(crate) payload: Option<Raw>,
    pub(crate) includes: Soft<Includes>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Filter {
    pub(crate) user_id: Soft<Word>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Includes {
    pub(crate) users: Soft<Vec<Soft<Profile>>>,
}

/// Somebody. The X Activity API wraps them in `data` at most places.
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub(crate) struct Profile {
    pub(crate) data: Soft<Option<Box<Profile>>>,
    pub(crate) id: Soft<Word>,
    pub(crate) id_str: Soft<Word>,
    pub(crate) name: Soft<Word>,
    pub(crate) screen_name: Soft<Word>,
    pub(crate) username: Soft<Word>,
    pub(crate) profile_image_url: Soft<Word>,
    pub(crate) profile_image_url_https: Soft<Word>,
}

/// `direct_message_events`
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Direct {
    #[serde(rename = "type")]
    pub(crate) kind: Soft<Word>,
    pub(crate) id: Word,
    pub(crate) created_timestamp: Option<Epoch>,
    pub(crate) message_create: Option<Created>,
}

#[derive(Deserialize)]
pub(crate) struct Created {
    #[serde(default)]
    pub(crate) target: Soft<Recipient>,
    #[serde(default)]
    pub(crate) sender_id: Word,
    /// The app it was sent with.
    #[serde(default)]
    pub(crate) source_app_id: Soft<Word>,
    pub(crate) message_data: Data,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Recipient {
    pub(crate) recipient_id: Soft<Word>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Data {
    pub(crate) text: Word,
    pub(crate) entities: Soft<Entities>,
    pub(crate) attachment: Soft<Option<Attachment>>,
    pub(crate) quick_reply_response: Soft<Option<QuickReply>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct QuickReply {
    pub(crate) metadata: Soft<Word>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Attachment {
    #[serde(rename = "type")]
    pub(crate) kind: Word,
    pub(crate) media: Soft<Option<File>>,
    pub(crate) location: Soft<Place>,
}

/// A place somebody shared: longitude first.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Place {
    pub(crate) shared_coordinate: Soft<Shared>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Shared {
    pub(crate) coordinates: Soft<Point>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Point {
    pub(crate) coordinates: Soft<Vec<Number>>,
}

/// A picture or film.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct File {
    #[serde(rename = "type")]
    pub(crate) kind: Soft<Word>,
    pub(crate) id_str: Soft<Word>,
    pub(crate) media_url_https: Soft<Word>,
    pub(crate) video_info: Soft<Option<Film>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Film {
    pub(crate) duration_millis: Soft<Option<Number>>,
    pub(crate) variants: Soft<Vec<Soft<Variant>>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Variant {
    pub(crate) content_type: Soft<Word>,
    pub(crate) bitrate: Soft<Option<Number>>,
    pub(crate) url: Soft<Word>,
}

impl Profile {
    /// What is known of them, wherever it stands.
    pub(crate) fn inner(&self) -> &Self {
        self.data.0.as_deref().unwrap_or(self)
    }

    pub(crate) fn id(&self) -> Option<&str> {
        let inner = self.inner();
        inner.id_str.0.get().or_else(|| inner.id.0.get())
    }
}
