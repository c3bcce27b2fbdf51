//! Events.

use connector_sdk::json::{Number, Soft, Word};
use serde::Deserialize;

/// What an event is, and where. Read softly, so that an event whose own part is wrong still says that.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Event {
    #[serde(rename = "type")]
    pub(crate) kind: Soft<Word>,
    pub(crate) subtype: Soft<Word>,
    pub(crate) channel: Soft<Word>,
    pub(crate) event_ts: Soft<Word>,
    pub(crate) ts: Soft<Word>,
    /// `message_deleted`
    pub(crate) deleted_ts: Soft<Word>,
    /// `message_changed`: as it is now.
    pub(crate) message: Soft<Option<Box<Message>>>,
    /// `message_changed`, `message_deleted`: as it was.
    pub(crate) previous_message: Soft<Option<Box<Message>>>,
    /// `reaction_added`, `reaction_removed`
    pub(crate) reaction: Soft<Word>,
    pub(crate) item: Soft<Item>,
    /// `channel_name`
    pub(crate) name: Soft<Word>,
    /// `app_home_opened`
    pub(crate) tab: Soft<Word>,
}

/// Who wrote or did something: a person, or a program. Read from the event by itself, beside what it is.
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub(crate) struct Author {
    pub(crate) user: Soft<Word>,
    pub(crate) bot_id: Soft<Word>,
    pub(crate) app_id: Soft<Word>,
    pub(crate) username: Soft<Word>,
}

/// A message: the event itself, or one within it.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Message {
    pub(crate) subtype: Soft<Word>,
    pub(crate) user: Soft<Word>,
    pub(crate) bot_id: Soft<Word>,
    pub(crate) app_id: Soft<Word>,
    pub(crate) username: Soft<Word>,
    pub(crate) text: Word,
    pub(crate) ts: Word,
    pub(crate) thread_ts: Soft<Word>,
    pub(crate) edited: Soft<Option<Edited>>,
    pub(crate) files: Soft<Vec<File>>,
    pub(crate) attachments: Soft<Vec<Unfurl>>,
}

impl Message {
    pub(crate) fn author(&self) -> Author {
        let Self { user, bot_id, app_id, username, .. } = self;
        Author { user: user.clone(), bot_id: bot_id.clone(), app_id: app_id.clone(), username: username.clone() }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Edited {
    pub(crate) user: Word,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct File {
    pub(crate) id: Word,
    pub(crate) name: Word,
    pub(crate) mimetype: Word,
    pub(crate) size: Option<Number>,
    /// `tombstone` and `hidden_by_limit` are gone.
    pub(crate) mode: Word,
    pub(crate) url_private: Word,
    pub(crate) url_private_download: Word,
    pub(crate) duration_ms: Option<Number>,
    pub(crate) original_w: Option<Number>,
    pub(crate) original_h: Option<Number>,
}

/// An attachment: a link's preview, or what a program put below its text.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Unfurl {
    pub(crate) title: Word,
    pub(crate) title_link: Word,
    pub(crate) from_url: Word,
    pub(crate) text: Word,
    pub(crate) fallback: Word,
    pub(crate) image_url: Word,
    pub(crate) thumb_url: Word,
}

/// What a reaction is to.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Item {
    pub(crate) channel: Word,
    pub(crate) ts: Word,
}
