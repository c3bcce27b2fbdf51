//! Who, where and when, taken out of a value of the feed.

use std::mem::take as taken;

use connector_meta::{
    item::Item,
    public::{Author, Public, moment},
};

use crate::{inbound::AUTHOR_SCHEME, wire::Feed};

/// The surroundings. Older subscriptions name the author in members of their own.
pub(super) fn take<'a>(item: &'a Item<'a>, feed: &mut Feed, mended: Option<&'static str>) -> Public<'a> {
    let from = feed.from.take().unwrap_or_default();
    let (at, range) = if repeats_time_of_creation(feed) {
        moment([feed.edited_time, item.time, feed.created_time])
    } else {
        moment([feed.created_time, item.time, None])
    };
    Public {
        item,
        scheme: AUTHOR_SCHEME,
        author: Author::of(
            from.id.into_option().or_else(|| taken(&mut feed.sender_id).into_option()),
            from.name.0.or(feed.sender_name.0.take()),
        ),
        post: taken(&mut feed.post_id).into_option().or_else(|| feed.post.as_ref()?.id.get().map(Into::into)),
        at,
        degraded: [mended, range],
    }
}

/// Whether `created_time` tells when the thing was written, and not when this happened to it.
pub(super) fn repeats_time_of_creation(feed: &Feed) -> bool {
    matches!(feed.verb.0.as_deref(), Some("edit" | "edited" | "hide" | "unhide"))
}
