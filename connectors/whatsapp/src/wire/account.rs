//! The account's own affairs, and what people allow.

use connector_sdk::{
    json::{Raw, Soft, Word},
    time::Epoch,
};
use serde::Deserialize;

/// The value of the fields `message_template_*` and `template_category_update`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Template {
    pub(crate) message_template_id: Word,
    pub(crate) message_template_name: Word,
    pub(crate) message_template_language: Word,
    pub(crate) message_template_category: Word,
    pub(crate) event: Word,
    pub(crate) reason: Word,
    pub(crate) previous_quality_score: Word,
    pub(crate) new_quality_score: Word,
    pub(crate) previous_category: Word,
    pub(crate) new_category: Word,
    pub(crate) correct_category: Word,
}

/// The value of the fields that concern the account or a number of it; each has some of these.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Update {
    pub(crate) event: Word,
    pub(crate) decision: Word,
    pub(crate) display_phone_number: Word,
    pub(crate) phone_number: Word,
    pub(crate) requested_verified_name: Word,
    pub(crate) rejection_reason: Word,
    pub(crate) current_limit: Word,
    pub(crate) old_limit: Word,
    pub(crate) max_daily_conversation_per_phone: Word,
    pub(crate) max_daily_conversations_per_business: Word,
    pub(crate) max_phone_numbers_per_business: Word,
    pub(crate) ban_info: Soft<BanInfo>,
    pub(crate) violation_info: Soft<ViolationInfo>,
    pub(crate) restriction_info: Option<Raw>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct BanInfo {
    pub(crate) waba_ban_state: Word,
    pub(crate) waba_ban_date: Word,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct ViolationInfo {
    pub(crate) violation_type: Word,
}

/// The value of `account_alerts`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Alert {
    pub(crate) entity_type: Word,
    pub(crate) entity_id: Word,
    #[serde(rename = "alert_info")]
    pub(crate) info: Soft<Option<AlertInfo>>,
    /// Without `alert_info`, its members stand here.
    #[serde(rename = "alert_severity")]
    pub(crate) severity: Word,
    #[serde(rename = "alert_status")]
    pub(crate) status: Word,
    #[serde(rename = "alert_type")]
    pub(crate) kind: Word,
    #[serde(rename = "alert_description")]
    pub(crate) description: Word,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct AlertInfo {
    #[serde(rename = "alert_severity")]
    pub(crate) severity: Word,
    #[serde(rename = "alert_status")]
    pub(crate) status: Word,
    #[serde(rename = "alert_type")]
    pub(crate) kind: Word,
    #[serde(rename = "alert_description")]
    pub(crate) description: Word,
}

/// An item of `user_preferences`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Preference {
    pub(crate) wa_id: Word,
    pub(crate) user_id: Word,
    pub(crate) category: Word,
    pub(crate) value: Word,
    pub(crate) timestamp: Option<Epoch>,
}

/// An item of `user_id_update`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct UserIdUpdate {
    pub(crate) wa_id: Word,
    pub(crate) user_id: Soft<IdChange>,
    pub(crate) parent_user_id: Soft<IdChange>,
    pub(crate) timestamp: Option<Epoch>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct IdChange {
    pub(crate) previous: Word,
    pub(crate) current: Word,
}

/// An item of `state_sync`: the address book of the business's own app.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct SyncedContact {
    #[serde(rename = "type")]
    pub(crate) kind: Word,
    pub(crate) action: Word,
    pub(crate) contact: Soft<SyncedPerson>,
    pub(crate) metadata: Soft<SyncTime>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct SyncedPerson {
    pub(crate) full_name: Word,
    pub(crate) first_name: Word,
    pub(crate) phone_number: Word,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct SyncTime {
    pub(crate) timestamp: Option<Epoch>,
}
