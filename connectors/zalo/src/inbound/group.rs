//! Life of a group: who comes, goes and governs.

use connector_sdk::{Batch, Malformed};
use kenh_proto::v1::{ConversationEvent, ConversationKind, envelope::Payload};

use super::{
    events::GroupRow,
    item::{Item, by_channel, by_contact},
};
use crate::wire::GroupBody;

/// All events about a group.
pub(super) fn changed(item: &Item<'_>, row: GroupRow, body: GroupBody) -> Result<Batch, Malformed> {
    let group = body.group_id.required("group_id")?;
    let users: Vec<_> = body.users.into_iter().filter_map(|user| user.id.into_option()).collect();
    let members = users.iter().map(|user| item.member(user.clone())).collect();
    let change = ConversationEvent { action: row.change.into(), members, ..ConversationEvent::default() };
    let event =
        item.event(item.digest(), Payload::ConversationEvent(change)).conversation(ConversationKind::Group, group);
    let (event, only) = match users.as_slice() {
        [user] => (item.identified(event, user)?, Some(user.as_str())),
        _ => (event, None),
    };
    Ok(if row.by_members { by_contact(event, only) } else { by_channel(event) }.into())
}
