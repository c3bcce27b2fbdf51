//! Discord's JSON, field for field. Nothing here has a `Debug`: it is what people wrote.

#![allow(clippy::struct_field_names, reason = "Discord's names")]

use std::collections::BTreeMap;

use connector_sdk::json::{Number, Raw, Soft, Word};
use serde::Deserialize;

/// One call: an interaction, or a webhook event. Both have a `type`, which counts differently.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Call {
    #[serde(rename = "type")]
    pub(crate) kind: Soft<Option<Number>>,
    pub(crate) application_id: Soft<Word>,
    /// Of webhook events.
    pub(crate) event: Option<Raw>,
    /// Of interactions, from here on.
    pub(crate) id: Soft<Word>,
    /// With it the interaction is answered, for 15 minutes.
    pub(crate) token: Soft<Word>,
    pub(crate) guild_id: Soft<Word>,
    pub(crate) channel_id: Soft<Word>,
    /// 0 in a server, 1 in the chat with the application, 2 in a chat of other people.
    pub(crate) context: Soft<Option<Number>>,
    pub(crate) member: Soft<Member>,
    pub(crate) user: Soft<Option<User>>,
    pub(crate) locale: Soft<Word>,
    pub(crate) message: Soft<Said>,
    pub(crate) data: Soft<Data>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Member {
    pub(crate) user: Soft<Option<User>>,
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub(crate) struct User {
    pub(crate) id: Soft<Word>,
    pub(crate) username: Soft<Word>,
    pub(crate) global_name: Soft<Word>,
}

/// The message a control is on.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Said {
    pub(crate) id: Soft<Word>,
}

/// What was done: the members of commands, controls and forms in one.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Data {
    /// Of a command.
    pub(crate) name: Soft<Word>,
    pub(crate) options: Soft<Vec<Soft<CommandOption>>>,
    pub(crate) resolved: Soft<Resolved>,
    /// The message or person a command of a menu is about; the kind of command says which.
    #[serde(rename = "type")]
    pub(crate) kind: Soft<Option<Number>>,
    pub(crate) target_id: Soft<Word>,
    /// Of a control or form.
    pub(crate) custom_id: Soft<Word>,
    pub(crate) component_type: Soft<Option<Number>>,
    pub(crate) values: Soft<Vec<Soft<Word>>>,
    pub(crate) components: Soft<Vec<Soft<Component>>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct CommandOption {
    pub(crate) name: Soft<Word>,
    pub(crate) value: Option<Raw>,
    /// Of a subcommand or a group of them.
    pub(crate) options: Soft<Vec<Soft<CommandOption>>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Resolved {
    pub(crate) attachments: Soft<BTreeMap<String, Soft<Attachment>>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Attachment {
    pub(crate) url: Soft<Word>,
}

/// A row of a form, or a label, or the field within.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Component {
    pub(crate) custom_id: Soft<Word>,
    pub(crate) value: Soft<Word>,
    pub(crate) values: Soft<Vec<Soft<Word>>>,
    pub(crate) components: Soft<Vec<Soft<Component>>>,
    pub(crate) component: Soft<Option<Box<Component>>>,
}

/// The event of a call that carries one.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct WebhookEvent {
    #[serde(rename = "type")]
    pub(crate) kind: Soft<Word>,
    pub(crate) timestamp: Soft<Word>,
    pub(crate) data: Soft<EventData>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct EventData {
    /// 0: for a server, 1: for a user.
    pub(crate) integration_type: Soft<Option<Number>>,
    pub(crate) user: Soft<Option<User>>,
    pub(crate) user_id: Soft<Word>,
}

impl Call {
    /// `type`; nothing where it is no small number.
    pub(crate) fn kind(&self) -> Option<u64> {
        self.kind.0.and_then(Number::whole)
    }

    /// Whoever did it.
    pub(crate) fn actor(&self) -> Option<&User> {
        self.member.0.user.0.as_ref().or(self.user.0.as_ref())
    }
}
