//! Activities, field for field.
//! See <https://github.com/microsoft/botframework-sdk/blob/main/specs/botframework-activity/botframework-activity.md>.

use std::collections::BTreeMap;

use connector_sdk::json::{Flag, Raw, Soft, Word};
use serde::Deserialize;

/// What the token is compared with.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Origin {
    pub(crate) service_url: Soft<Word>,
    pub(crate) channel_id: Soft<Word>,
}

/// One activity.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Activity {
    #[serde(rename = "type")]
    pub(crate) kind: Soft<Word>,
    pub(crate) id: Soft<Word>,
    pub(crate) timestamp: Soft<Word>,
    pub(crate) service_url: Soft<Word>,
    pub(crate) channel_id: Soft<Word>,
    pub(crate) from: Soft<Person>,
    pub(crate) recipient: Soft<Person>,
    pub(crate) conversation: Soft<Place>,
    pub(crate) reply_to_id: Soft<Word>,
    pub(crate) locale: Soft<Word>,
    /// What somebody wrote: of the wrong shape the activity cannot be typed.
    pub(crate) text: Option<Raw>,
    pub(crate) text_format: Soft<Word>,
    pub(crate) attachments: Soft<Vec<Raw>>,
    pub(crate) entities: Soft<Vec<Raw>>,
    pub(crate) value: Option<Raw>,
    /// Of an invoke or event.
    pub(crate) name: Soft<Word>,
    /// Of an installation.
    pub(crate) action: Soft<Word>,
    pub(crate) topic_name: Soft<Word>,
    pub(crate) members_added: Soft<Vec<Person>>,
    pub(crate) members_removed: Soft<Vec<Person>>,
    pub(crate) reactions_added: Soft<Vec<Reaction>>,
    pub(crate) reactions_removed: Soft<Vec<Reaction>>,
    pub(crate) channel_data: Soft<ChannelData>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Person {
    pub(crate) id: Soft<Word>,
    pub(crate) name: Soft<Word>,
    pub(crate) aad_object_id: Soft<Word>,
    pub(crate) role: Soft<Word>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Place {
    pub(crate) id: Soft<Word>,
    pub(crate) name: Soft<Word>,
    pub(crate) conversation_type: Soft<Word>,
    pub(crate) is_group: Soft<Flag>,
    pub(crate) tenant_id: Soft<Word>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Reaction {
    #[serde(rename = "type")]
    pub(crate) kind: Soft<Word>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ChannelData {
    pub(crate) event_type: Soft<Word>,
    pub(crate) team: Soft<Named>,
    pub(crate) channel: Soft<Named>,
    pub(crate) tenant: Soft<Named>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Named {
    pub(crate) id: Soft<Word>,
    pub(crate) name: Soft<Word>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Attachment {
    pub(crate) content_type: Soft<Word>,
    pub(crate) content_url: Soft<Word>,
    pub(crate) name: Soft<Word>,
    pub(crate) thumbnail_url: Soft<Word>,
    pub(crate) content: Option<Raw>,
}

/// The content of a file's attachment.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Download {
    pub(crate) download_url: Soft<Word>,
    pub(crate) unique_id: Soft<Word>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Entity {
    #[serde(rename = "type")]
    pub(crate) kind: Soft<Word>,
    pub(crate) text: Soft<Word>,
    pub(crate) mentioned: Soft<Person>,
}

/// The content of a read receipt.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Read {
    pub(crate) last_read_message_id: Soft<Word>,
}

/// The value of an invoke that a card's button or a form makes.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Used {
    pub(crate) action: Soft<CardAction>,
    pub(crate) data: Option<Raw>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct CardAction {
    pub(crate) verb: Soft<Word>,
    pub(crate) data: Option<Raw>,
}

/// The flat members of what a card sends back.
pub(crate) type Fields = BTreeMap<String, Soft<Word>>;
