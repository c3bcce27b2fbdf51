//! WhatsApp's JSON, field for field. Every member is optional: any of them has been seen missing. Ids and times come as
//! text and as numbers.

mod account;
mod body;
mod interactive;
mod message;
mod status;

use connector_sdk::json::{Raw, Soft, Word};
use serde::Deserialize;

pub(crate) use account::{Alert, AlertInfo, Preference, SyncedContact, Template, Update, UserIdUpdate};
pub(crate) use body::{Body, Button, Card, Edit, Location, Media, Order, Ordered, Reaction, System};
pub(crate) use interactive::{CallPermission, FlowAnswer, Interactive, Reply};
pub(crate) use message::{Head, HistoryChunk, Referral, Thread};
pub(crate) use status::{Call, GroupUpdate, Participant, Status};

/// An item of `changes`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Change {
    pub(crate) field: Word,
    pub(crate) value: Option<Raw>,
}

/// The value of the fields that concern one of the business's numbers: lists, each item of which is read by itself.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Value {
    pub(crate) metadata: Soft<Metadata>,
    pub(crate) contacts: Soft<Vec<Soft<Contact>>>,
    pub(crate) messages: Option<Vec<Raw>>,
    pub(crate) statuses: Option<Vec<Raw>>,
    pub(crate) errors: Option<Vec<Raw>>,
    pub(crate) calls: Option<Vec<Raw>>,
    pub(crate) groups: Option<Vec<Raw>>,
    pub(crate) history: Option<Vec<Raw>>,
    pub(crate) message_echoes: Option<Vec<Raw>>,
    pub(crate) state_sync: Option<Vec<Raw>>,
    pub(crate) user_id_update: Option<Vec<Raw>>,
    pub(crate) user_preferences: Option<Vec<Raw>>,
}

/// The business's number.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Metadata {
    pub(crate) phone_number_id: Word,
    pub(crate) display_phone_number: Word,
}

/// Somebody the value is about.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Contact {
    /// The number. Absent for people who have a user name instead.
    pub(crate) wa_id: Word,
    /// The id within the business, and within a group of businesses.
    pub(crate) user_id: Word,
    pub(crate) parent_user_id: Word,
    pub(crate) profile: Soft<Profile>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Profile {
    pub(crate) name: Word,
    pub(crate) username: Word,
}

/// What went wrong, in a message, a status or a value.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Fault {
    pub(crate) code: Word,
    pub(crate) title: Word,
    pub(crate) message: Word,
    /// Also stands in `error_data`.
    pub(crate) details: Word,
    pub(crate) error_data: Soft<FaultData>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct FaultData {
    pub(crate) details: Word,
}

impl Fault {
    /// The text that says most.
    pub(crate) fn text(self) -> Option<String> {
        let texts = [self.error_data.0.details, self.details, self.message, self.title];
        texts.into_iter().find_map(Word::into_option)
    }
}
