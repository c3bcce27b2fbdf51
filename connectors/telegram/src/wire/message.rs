//! Messages.

use connector_sdk::{
    json::{Soft, Word},
    time::Epoch,
};
use serde::Deserialize;

use super::{Card, Chat, Entity, File, Forward, Game, Place, Poll, Quoted, Sticker, Story, User, Venue};

/// Messages of all kinds in one: no member means two things.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Message {
    pub(crate) message_id: Word,
    pub(crate) from: Soft<Option<User>>,
    /// Somebody who writes in the name of a group or channel.
    pub(crate) sender_chat: Soft<Option<Chat>>,
    pub(crate) chat: Chat,
    pub(crate) date: Option<Epoch>,
    pub(crate) edit_date: Option<Epoch>,
    pub(crate) business_connection_id: Soft<Word>,
    pub(crate) media_group_id: Soft<Word>,
    pub(crate) author_signature: Soft<Word>,
    pub(crate) reply_to_message: Soft<Option<Quoted>>,
    pub(crate) quote: Soft<Quoted>,
    pub(crate) forward_origin: Soft<Option<Forward>>,
    pub(crate) text: Word,
    pub(crate) entities: Soft<Vec<Entity>>,
    pub(crate) caption: Word,
    pub(crate) caption_entities: Soft<Vec<Entity>>,
    /// One picture in several sizes, the largest last.
    pub(crate) photo: Soft<Vec<File>>,
    pub(crate) video: Soft<Option<File>>,
    pub(crate) animation: Soft<Option<File>>,
    pub(crate) audio: Soft<Option<File>>,
    pub(crate) voice: Soft<Option<File>>,
    pub(crate) video_note: Soft<Option<File>>,
    pub(crate) document: Soft<Option<File>>,
    pub(crate) sticker: Soft<Option<Sticker>>,
    pub(crate) location: Soft<Option<Place>>,
    pub(crate) venue: Soft<Option<Venue>>,
    pub(crate) contact: Soft<Option<Card>>,
    pub(crate) poll: Soft<Option<Poll>>,
    pub(crate) game: Soft<Option<Game>>,
    pub(crate) story: Soft<Option<Story>>,
    // Happenings that are told as messages.
    pub(crate) new_chat_members: Soft<Vec<User>>,
    pub(crate) left_chat_member: Soft<Option<User>>,
    pub(crate) new_chat_title: Soft<Word>,
    pub(crate) migrate_to_chat_id: Soft<Word>,
    pub(crate) migrate_from_chat_id: Soft<Word>,
}
