//! `normalize`: the one event of a call. Its type is the body's one member; what happened, only a header says.

mod item;
mod post;
mod topic;

use connector_sdk::{
    Batch, Delivery, Event, Malformed,
    json::{self, Raw, name},
};
use serde::de::DeserializeOwned;

use self::item::Item;
pub(crate) use self::item::{Site, USERNAME};
use crate::wire::Members;

/// Types that are read.
const TYPED: &[&str] = &["ping", "post", "like", "topic", "user"];

/// Types that are documented and say nothing that fits an event here.
const UNTYPED: &[&str] = &[
    "assign",
    "category",
    "category_experience",
    "chat_message",
    "group",
    "group_user",
    "notification",
    "reviewable",
    "solved",
    "tag",
    "user_badge",
    "user_promoted",
    "topic_voting",
    "accepted_solution",
    "unaccepted_solution",
    "flag",
    "queued_post",
];

/// Turns a call into its event. Of the headers one is read: what was done to the thing in the body. It is not signed, and
/// whom the event concerns does not depend on it.
pub(crate) fn normalize(site: &Site, delivery: Delivery<'_>) -> Result<Batch, Malformed> {
    let members = json::object::<Members>(delivery.body)?;
    let known = TYPED.iter().find_map(|kind| members.value.get_key_value(*kind));
    let Some((kind, raw)) = known.or_else(|| members.value.first_key_value()) else {
        return Err(json::missing("an event"));
    };
    if kind == "ping" {
        return Ok(Batch::skipped("ping"));
    }
    let told = delivery.header("X-Discourse-Event").and_then(name);
    let item = Item { site, raw: delivery.body, kind, event: told };
    let event = match kind.as_str() {
        "post" => read(raw).and_then(|(post, mended)| Ok(post::told(&item, &post)?.degraded(mended))),
        "like" => read(raw).and_then(|(like, mended)| Ok(post::liked(&item, &like)?.degraded(mended))),
        "topic" => read(raw).and_then(|(topic, mended)| Ok(topic::told(&item, &topic)?.degraded(mended))),
        "user" => read(raw).and_then(|(user, mended)| Ok(topic::user(&item, &user)?.degraded(mended))),
        known if UNTYPED.contains(&known) => Ok(item.unsupported("not_typed", None)),
        _ => Ok(item.unsupported("unknown_event", None)),
    };
    let event: Event =
        event.unwrap_or_else(|fault| item.unsupported(fault.reason, Some(format!("{kind}: {}", fault.detail))));
    Ok(event.degraded(members.degraded).into())
}

fn read<T: DeserializeOwned>(raw: &Raw) -> Result<(T, Option<&'static str>), Malformed> {
    json::object::<T>(raw.get().as_bytes()).map(|read| (read.value, read.degraded))
}
