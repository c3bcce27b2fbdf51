//! A reaction to a post or comment. Unlike one to a message it opens no window.

use connector_meta::{
    item::Item,
    key::{key, moment},
};
use connector_sdk::{Event, json::Parsed, time::Epoch};
use kenh_proto::v1::{Reaction, ReactionAction, Target, envelope::Payload};

use super::{find, surroundings, words};
use crate::wire::Feed;

/// The emoji of Facebook's reactions.
const EMOJI: &[(&str, &str)] =
    &[("like", "👍"), ("love", "❤️"), ("care", "🤗"), ("haha", "😆"), ("wow", "😮"), ("sad", "😢"), ("angry", "😡")];

/// The event. A like is told as an item of its own, without a type.
pub(super) fn event(item: &Item<'_>, feed: Parsed<Feed>, action: ReactionAction) -> Event {
    let Parsed { value: mut feed, degraded } = feed;
    let public = surroundings::take(item, &mut feed, degraded);
    let (kind, verb) = words(&feed);
    let code = feed.reaction_type.0.clone().or_else(|| (kind == "like").then(|| kind.to_owned()));
    let author = public.author.as_ref().and_then(|author| author.id.as_deref()).unwrap_or_default();
    let on = feed.comment_id.get().or(public.post.as_deref()).unwrap_or_default();
    let created = moment(feed.created_time.and_then(Epoch::timestamp), item.raw);
    let key = key("public_reaction", &[author, on, verb, code.as_deref().unwrap_or_default(), &created]);
    let emoji = code.as_deref().and_then(|code| find(EMOJI, code)).map(Into::into);
    let target = Target {
        provider_comment_id: feed.comment_id.into_option(),
        provider_post_id: public.post.clone(),
        ..Target::default()
    };
    public.event(key, Payload::Reaction(Reaction { action: action.into(), code, emoji })).target(target)
}
