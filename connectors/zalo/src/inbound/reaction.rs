//! Reactions, of either side.

use connector_sdk::{Batch, Malformed};
use kenh_proto::v1::{Reaction, ReactionAction, Target, envelope::Payload};

use super::{
    events::Side,
    item::{Item, by_contact},
};
use crate::{icons, wire::MessageBody};

/// `user_reacted_message`, `oa_reacted_message`.
pub(super) fn reacted(item: &Item<'_>, side: Side, body: &MessageBody) -> Result<Batch, Malformed> {
    let id = body.message.msg_id.required("message.msg_id")?;
    let icon = body.message.react_icon.required("message.react_icon")?;
    let user = item.other()?;
    let actor = match side {
        Side::User => user,
        Side::Oa => item.oa()?,
    };
    let removed = icon == icons::REMOVE;
    let reaction = Reaction {
        action: if removed { ReactionAction::Removed } else { ReactionAction::Added }.into(),
        code: (!removed).then(|| icon.to_owned()),
        emoji: icons::emoji(icon).map(Into::into),
    };
    // The time is part of the identity: one icon can be set, taken back and set again.
    let key = item.key(&[id, actor, icon, item.timestamp_literal()]);
    let event = item
        .event(key, Payload::Reaction(reaction))
        .target(Target { provider_message_id: Some(id.into()), ..Target::default() });
    let event = item.with_user(event, user)?;
    Ok(match side {
        Side::User => by_contact(event, Some(user)),
        Side::Oa => item.by_business(event),
    }
    .into())
}
