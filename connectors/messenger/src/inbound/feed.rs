//! Comments, posts, reactions and mentions.

mod content;

use connector_sdk::{Event, json::Parsed, time::Epoch};
use kenh_proto::v1::{CommentAction, Reaction, ReactionAction, Target, envelope::Payload};

use super::public::{Author, Public, moment};
use crate::{
    meta::{
        batch::Item,
        key::{self, fingerprint, key},
        names,
    },
    wire::Feed,
};

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

/// The emoji of Facebook's reactions.
const EMOJI: &[(&str, &str)] =
    &[("like", "👍"), ("love", "❤️"), ("care", "🤗"), ("haha", "😆"), ("wow", "😮"), ("sad", "😢"), ("angry", "😡")];

/// A change of the field `feed`.
pub(super) fn event(item: &Item<'_>, feed: Parsed<Feed>) -> Event {
    let (kind, verb) = words(&feed.value);
    let (comment, reaction) = (of(VERBS, &verb), of(REACTION_VERBS, &verb));
    match (kind.as_str(), comment, reaction) {
        ("reaction" | "like", _, Some(action)) => react(item, feed, &verb, action),
        ("comment", Some(action), _) if feed.value.comment_id.0.is_some() => comment_on(item, "comment", feed, action),
        (post, Some(action), _) if POSTS.contains(&post) => comment_on(item, "post", feed, action),
        _ => unknown(item, "feed", feed),
    }
}

/// A change of the field `mention`: somebody named the page.
pub(super) fn mention(item: &Item<'_>, feed: Parsed<Feed>) -> Event {
    match words(&feed.value).1.as_str() {
        "add" | "edit" | "edited" => comment_on(item, "mention", feed, CommentAction::Mentioned),
        _ => unknown(item, "mention", feed),
    }
}

fn comment_on(
    item: &Item<'_>,
    family: &str,
    Parsed { value: mut feed, degraded }: Parsed<Feed>,
    action: CommentAction,
) -> Event {
    let (_, verb) = words(&feed);
    let public = surroundings(item, &mut feed, degraded, moves_time(&verb));
    let id = feed.comment_id.0.as_deref().or(public.post.as_deref()).unwrap_or_default();
    let created = key::moment(feed.created_time.and_then(Epoch::timestamp), item.raw);
    let mut key = key(family, &[id, &verb, &created]);
    if verb.starts_with("edit") {
        // Every edit repeats the time of writing.
        let edited = key::moment(feed.edited_time.and_then(Epoch::timestamp), b"");
        let text = feed.message.0.as_deref().unwrap_or_default();
        key = key::key(&key, &[&fingerprint(format!("{edited} {text}").as_bytes())]);
    }
    let post = public.post.clone();
    let comment = content::comment(feed, post.clone(), action);
    let is_new = matches!(action, CommentAction::Added | CommentAction::Mentioned);
    let pointed_at = if is_new { comment.parent_comment_id.clone() } else { comment.comment_id.clone() };
    let is_new_post = action == CommentAction::Added && comment.comment_id.is_none();
    let payload = Payload::Comment(comment);
    let by_author = is_new || action == CommentAction::Edited;
    let mut event = if by_author { public.event(key, payload) } else { public.event_by_somebody(key, payload) };
    if !is_new_post && (pointed_at.is_some() || post.is_some()) {
        event = event.target(Target { provider_comment_id: pointed_at, provider_post_id: post, ..Target::default() });
    }
    event
}

fn react(
    item: &Item<'_>,
    Parsed { value: mut feed, degraded }: Parsed<Feed>,
    verb: &str,
    action: ReactionAction,
) -> Event {
    let code = feed.reaction_type.0.take().or_else(|| feed.item.0.take().filter(|item| item == "like"));
    let public = surroundings(item, &mut feed, degraded, moves_time(verb));
    let author = public.author.as_ref().and_then(|author| author.id.as_deref()).unwrap_or_default();
    let on = feed.comment_id.0.as_deref().or(public.post.as_deref()).unwrap_or_default();
    let created = key::moment(feed.created_time.and_then(Epoch::timestamp), item.raw);
    let key = key("public_reaction", &[author, on, verb, code.as_deref().unwrap_or_default(), &created]);
    let emoji = code.as_deref().and_then(|code| of(EMOJI, code)).map(Into::into);
    let target =
        Target { provider_comment_id: feed.comment_id.0, provider_post_id: public.post.clone(), ..Target::default() };
    public.event(key, Payload::Reaction(Reaction { action: action.into(), code, emoji })).target(target)
}

fn unknown(item: &Item<'_>, field: &str, Parsed { value: mut feed, degraded }: Parsed<Feed>) -> Event {
    let public = surroundings(item, &mut feed, degraded, false);
    let kind = names::path(&[Some(field), feed.item.0.as_deref(), feed.verb.0.as_deref()]);
    let known = feed.item.0.as_deref() == Some("comment")
        && feed.verb.0.as_deref().is_some_and(|verb| of(VERBS, verb).is_some());
    public.unsupported(kind.as_deref(), if known { "unexpected_shape" } else { "unknown_event" })
}

fn surroundings<'a>(
    item: &'a Item<'a>,
    feed: &mut Feed,
    degraded: Option<&'static str>,
    moves_time: bool,
) -> Public<'a> {
    let from = feed.from.take().unwrap_or_default();
    let (at, range) = if moves_time {
        moment([feed.edited_time, item.time, feed.created_time])
    } else {
        moment([feed.created_time, item.time, None])
    };
    Public {
        item,
        author: Author::of(from.id.0.or(feed.sender_id.0.take()), from.name.0.or(feed.sender_name.0.take())),
        post: feed.post_id.0.take().or_else(|| feed.post.as_ref()?.id.0.clone()),
        at,
        degraded: [degraded, range],
    }
}

/// Whether the time of creation is not the time of the event.
fn moves_time(verb: &str) -> bool {
    matches!(verb, "edit" | "edited" | "hide" | "unhide")
}

fn words(feed: &Feed) -> (String, String) {
    (feed.item.0.clone().unwrap_or_default(), feed.verb.0.clone().unwrap_or_default())
}

fn of<T: Copy>(table: &[(&str, T)], word: &str) -> Option<T> {
    table.iter().find(|(known, _)| *known == word).map(|(_, value)| *value)
}
