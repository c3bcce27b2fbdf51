//! The X Activity API: one event a call, named by a type, with an identity of its own.

use std::cell::Cell;

use connector_sdk::{
    Batch, Event, Malformed,
    json::{self, Raw},
};
use kenh_proto::v1::ConversationKind;

use super::{
    happening,
    item::{Item, Users, timed},
    post,
};
use crate::wire::{Activity, Happening, Members};

/// Lists of one event at most: each event carries the whole call.
const MOST_ITEMS: usize = 50;

/// Types that are documented and say nothing that a contact did: by what they begin with.
const UNTYPED: &[&str] = &["profile.update.", "spaces.", "broadcast.", "news.", "mute.", "block.", "chat."];

/// The event of a call. Direct messages come in lists, as in the older product.
pub(super) fn normalize(body: &[u8], data: &Raw) -> Batch {
    let activity = match json::object::<Activity>(data.get().as_bytes()) {
        Ok(activity) => activity.value,
        Err(fault) => return Event::unsupported(None, body, None, fault.reason, Some(fault.detail)).into(),
    };
    let kind = activity.event_type.0.get().unwrap_or_default().to_owned();
    let account = activity.filter.0.user_id.0.get();
    let id = activity.event_uuid.0.get().map(ToOwned::to_owned);
    let users = Users::of_list(activity.includes.0);
    let item = Item {
        account,
        raw: body,
        kind: &kind,
        list: &kind,
        place: 0,
        id: id.clone(),
        users: &users,
        mended: Cell::default(),
    };
    let Some(payload) = &activity.payload else {
        return item.unsupported(&kind, "unexpected_shape", Some("data.payload: missing".into())).into();
    };
    if kind.starts_with("dm.") {
        return direct(&item, payload);
    }
    single(&item, &kind, payload.get().as_bytes()).into()
}

fn single(item: &Item<'_>, kind: &str, payload: &[u8]) -> Event {
    let event = match kind {
        "post.create" | "post.reply.create" | "post.quote.create" | "post.repost.create" | "post.mention.create" => {
            super::read(item, payload).and_then(|read| post::created(item, read, Some(kind)))
        }
        "post.delete" => super::read(item, payload).and_then(|it| happening::deleted(item, &it)),
        "like.create" => super::read(item, payload).and_then(|it| happening::liked(item, &it)),
        "follow.follow" | "follow.unfollow" => {
            super::read(item, payload).and_then(|it| happening::followed(item, &it, kind))
        }
        "chat.received" | "chat.sent" => super::read(item, payload).and_then(|it| encrypted(item, kind, &it)),
        "oauth.revoke" => super::read(item, payload).map(|it| happening::revoked(item, &it)),
        _ if UNTYPED.iter().any(|begin| kind.starts_with(begin)) => Ok(item.unsupported(kind, "not_typed", None)),
        "" => {
            let detail = "data.event_type: missing".to_owned();
            Ok(item.unsupported(kind, "unexpected_shape", Some(detail)))
        }
        _ => Ok(item.unsupported(kind, "unknown_event", None)),
    };
    let event = event
        .unwrap_or_else(|fault| item.unsupported(kind, fault.reason, Some(format!("data.payload: {}", fault.detail))));
    event.degraded(item.mended.get())
}

fn direct(item: &Item<'_>, payload: &Raw) -> Batch {
    let members = json::object::<Members>(payload.get().as_bytes());
    let members = members.map(|members| members.value).unwrap_or_default();
    let users = Users::of_map(members.get("users"));
    let lists = members.iter().filter(|(name, _)| name.starts_with("direct_message_"));
    let items: Vec<(&str, Raw)> = lists
        .flat_map(|(name, raw)| {
            let items: Vec<Raw> = serde_json::from_str(raw.get()).unwrap_or_default();
            items.into_iter().map(|raw| (name.as_str(), raw)).collect::<Vec<_>>()
        })
        .collect();
    if items.is_empty() || items.len() > MOST_ITEMS {
        let detail = "data.payload: expected one list of direct message events".to_owned();
        return item.unsupported(item.kind, "unexpected_shape", Some(detail)).into();
    }
    let several = items.len() > 1;
    let events = items.iter().enumerate().map(|(place, (list, raw))| {
        let id = item.id.as_ref().map(|id| if several { format!("{id}:{place}") } else { id.clone() });
        let one = Item { list, place, id, users: &users, mended: Cell::default(), ..*item };
        super::event(&one, raw.get().as_bytes())
    });
    Batch { events: events.collect(), skipped: Vec::new() }
}

/// Of an encrypted message X gives who wrote when and where, and no word of it.
fn encrypted(item: &Item<'_>, kind: &str, chat: &Happening) -> Result<Event, Malformed> {
    let sender = chat.sender_id.0.required("sender_id")?;
    let parties = chat.conversation_id.0.get().unwrap_or_default().split(':');
    let other = if Some(sender) == item.account { parties.clone().find(|id| *id != sender) } else { Some(sender) };
    let event = item.about(item.unsupported(kind, "unsupported_by_channel", None), other);
    let event = match other.filter(|id| !id.is_empty()) {
        Some(other) => event.conversation(ConversationKind::Direct, other),
        None => event,
    };
    let at = chat.created_at_msec.and_then(connector_sdk::time::Epoch::timestamp);
    Ok(timed(event, chat.created_at_msec.is_some(), at))
}
