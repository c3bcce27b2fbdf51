//! LinkedIn's JSON, field for field. Nothing here has a `Debug`: it is what people wrote.

#![allow(clippy::struct_field_names, reason = "LinkedIn's names")]

use connector_sdk::{
    json::{Raw, Soft, Word},
    time::Epoch,
};
use serde::Deserialize;

/// One call: notifications, or one lead.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Call {
    #[serde(rename = "type")]
    pub(crate) kind: Soft<Word>,
    pub(crate) notifications: Option<Vec<Raw>>,
}

/// What happened to a post of an organization.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Notification {
    pub(crate) notification_id: Soft<Word>,
    pub(crate) organizational_entity: Soft<Word>,
    pub(crate) action: Soft<Word>,
    pub(crate) source_post: Soft<Word>,
    pub(crate) generated_activity: Soft<Word>,
    pub(crate) decorated_generated_activity: Soft<Decorated>,
    pub(crate) last_modified_at: Option<Epoch>,
}

/// The same with what it says.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Decorated {
    pub(crate) comment: Soft<Option<Written>>,
    pub(crate) share: Soft<Option<Written>>,
    pub(crate) like: Soft<Option<Written>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Written {
    pub(crate) owner: Soft<Word>,
    pub(crate) text: Soft<Word>,
    /// What it is below: a post, or another comment.
    pub(crate) entity: Soft<Word>,
}

/// `LEAD_ACTION`: a form was filled in, or changed.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Lead {
    pub(crate) lead_gen_form_response: Soft<Word>,
    pub(crate) lead_gen_form: Soft<Word>,
    pub(crate) owner: Soft<Owner>,
    pub(crate) associated_entity: Soft<Entity>,
    pub(crate) lead_type: Soft<Word>,
    pub(crate) lead_action: Soft<Word>,
    pub(crate) occurred_at: Option<Epoch>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Owner {
    pub(crate) organization: Soft<Word>,
    pub(crate) sponsored_account: Soft<Word>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Entity {
    pub(crate) event: Soft<Word>,
    pub(crate) creative: Soft<Word>,
    pub(crate) share: Soft<Word>,
}
