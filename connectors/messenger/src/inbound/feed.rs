//! Comments, posts, reactions and mentions: `item` and `verb` say which.

mod content;
mod reaction;
mod surroundings;
mod writing;

use connector_meta::{item::Item, names};
use connector_sdk::{Event, json::Parsed};
use kenh_proto::v1::{CommentAction, ReactionAction};

use crate::wire::Feed;

/// What a verb does to a comment or post. Blocking and muting do something to a person, by the page's hand: no event
/// of ours says that.
const VERBS: &[(&str, CommentAction)] = &[
    ("add", CommentAction::Added),
    ("edit", CommentAction::Edited),
    ("edited", CommentAction::Edited),
    ("remove", CommentAction::Removed),
    ("hide", CommentAction::Hidden),
    ("unhide", CommentAction::Unhidden),
];

/// What a verb does to a reaction; an edit replaces it by another.
const REACTION_VERBS: &[(&str, ReactionAction)] = &[
    ("add", ReactionAction::Added),
    ("edit", ReactionAction::Added),
    ("edited", ReactionAction::Added),
    ("remove", ReactionAction::Removed),
];

/// Items that are posts.
const POSTS: &[&str] = &["album", "event", "link", "note", "photo", "post", "share", "status", "video"];

/// A change of the field `feed`.
pub(super) fn event(item: &Item<'_>, feed: Parsed<Feed>) -> Event {
    let (kind, verb) = words(&feed.value);
    match (kind, find(VERBS, verb), find(REACTION_VERBS, verb)) {
        ("reaction" | "like", _, Some(action)) => reaction::event(item, feed, action),
        ("comment", Some(_), _) if feed.value.comment_id.get().is_none() => {
            untyped(item, "feed", feed, "unexpected_shape")
        }
        ("comment", Some(action), _) => writing::event(item, "comment", feed, action),
        (post, Some(action), _) if POSTS.contains(&post) => writing::event(item, "post", feed, action),
        _ => untyped(item, "feed", feed, "unknown_event"),
    }
}

/// A change of the field `mention`: somebody named the page.
pub(super) fn mention(item: &Item<'_>, feed: Parsed<Feed>) -> Event {
    match words(&feed.value).1 {
        "add" | "edit" | "edited" => writing::event(item, "mention", feed, CommentAction::Mentioned),
        _ => untyped(item, "mention", feed, "unknown_event"),
    }
}

fn untyped(item: &Item<'_>, field: &str, feed: Parsed<Feed>, reason: &'static str) -> Event {
    let Parsed { value: mut feed, degraded } = feed;
    let public = surroundings::take(item, &mut feed, degraded);
    let (kind, verb) = words(&feed);
    public.unsupported(names::path(&[Some(field), Some(kind), Some(verb)]).as_deref(), reason)
}

fn words(feed: &Feed) -> (&str, &str) {
    (feed.item.0.as_deref().unwrap_or_default(), feed.verb.0.as_deref().unwrap_or_default())
}

fn find<T: Copy>(table: &[(&str, T)], word: &str) -> Option<T> {
    table.iter().find(|(known, _)| *known == word).map(|(_, value)| *value)
}
