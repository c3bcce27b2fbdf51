//! Labels put on contacts and taken off, created and removed.

use connector_sdk::{Batch, Malformed};
use kenh_proto::v1::{AccountEvent, AccountEventKind, ContactUpdate, Direction, envelope::Payload};

use super::{
    events::Labelled,
    item::{Item, by_channel},
};
use crate::wire::TagBody;

/// `add_user_to_tag`, `remove_user_from_tag`, `remove_tag`. Who did it is not said.
pub(super) fn tagged(item: &Item<'_>, change: Labelled, body: TagBody) -> Result<Batch, Malformed> {
    let name = body.tag.name.required("tag.name")?.to_owned();
    let users = body.tag.user_ids.0;
    let (added, removed) = match change {
        Labelled::On => (Some(name), None),
        Labelled::Off => (None, Some(name)),
    };
    if users.is_empty() {
        let tags = AccountEvent {
            kind: AccountEventKind::Tags.into(),
            previous: removed,
            current: added,
            ..AccountEvent::default()
        };
        return Ok(by_channel(item.event(item.digest(), Payload::AccountEvent(tags))).into());
    }
    item.oa()?;
    let update = ContactUpdate {
        tags_added: added.into_iter().collect(),
        tags_removed: removed.into_iter().collect(),
        members: users.iter().map(|user| item.member(user.clone())).collect(),
        ..ContactUpdate::default()
    };
    let event = item.event(item.digest(), Payload::ContactUpdate(update)).direction(Direction::System);
    // Several users share no conversation, and the app's id is of one of them only.
    Ok(match users.as_slice() {
        [user] => item.with_user(event, user)?,
        _ => event,
    }
    .into())
}
