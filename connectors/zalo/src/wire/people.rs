//! Followers, their data, labels, groups, orders.

use serde::Deserialize;

use super::{Party, Soft, Word, Words};

/// `follow`, `unfollow`.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct FollowBody {
    pub(crate) follower: Party,
    pub(crate) source: Soft<Word>,
}

/// `user_submit_info`.
#[derive(Deserialize)]
pub(crate) struct SubmitBody {
    pub(crate) info: Info,
}

/// Two generations of it are in use.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Info {
    pub(crate) name: Word,
    pub(crate) phone: Word,
    pub(crate) user_dob: Word,
    pub(crate) gender: Word,
    /// The newer layout.
    pub(crate) full_address: FullAddress,
    /// The older layout.
    pub(crate) address: Word,
    pub(crate) city: Word,
    pub(crate) district: Word,
    pub(crate) ward: Word,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct FullAddress {
    #[serde(rename = "user_address")]
    pub(crate) address: Word,
    #[serde(rename = "user_city")]
    pub(crate) city: Word,
    #[serde(rename = "user_district")]
    pub(crate) district: Word,
    #[serde(rename = "user_ward")]
    pub(crate) ward: Word,
}

/// `add_user_to_tag`, `remove_user_from_tag`, `remove_tag`.
#[derive(Deserialize)]
pub(crate) struct TagBody {
    pub(crate) tag: Tag,
}

/// Without users it is about the label itself.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Tag {
    pub(crate) name: Word,
    pub(crate) user_ids: Words,
}

/// `update_user_info`. Names its user by `user_id_by_app` only.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct UpdateBody {
    pub(crate) data: UpdateData,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct UpdateData {
    pub(crate) method: Soft<Word>,
}

/// `widget_interaction_accepted`, `widget_failed_to_sync_user_external_id`.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct WidgetBody {
    pub(crate) data: WidgetData,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct WidgetData {
    pub(crate) user_id: Word,
    pub(crate) user_external_id: Word,
    pub(crate) url: Word,
    pub(crate) message: Word,
}

/// Life of a group.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct GroupBody {
    pub(crate) group_id: Word,
    pub(crate) users: Vec<Party>,
}

/// `shop_has_order`, of which no reliable sample is public: nothing but the order's id is read.
#[derive(Deserialize)]
pub(crate) struct OrderBody {
    pub(crate) order: Order,
    #[serde(default)]
    pub(crate) customer: Soft<Party>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Order {
    pub(crate) id: Word,
}
