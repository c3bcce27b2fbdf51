//! A comment or post was written, changed, hidden or removed, or names the page.

use connector_meta::{
    item::Item,
    key::{self, fingerprint, moment},
    public::Public,
};
use connector_sdk::{Event, json::Parsed, time::Epoch};
use kenh_proto::v1::{Comment, CommentAction, Target, envelope::Payload};

use super::{content, surroundings};
use crate::wire::Feed;

/// The event; `family` keeps a comment apart from the mention in it, which is told as well.
pub(super) fn event(item: &Item<'_>, family: &str, feed: Parsed<Feed>, action: CommentAction) -> Event {
    let Parsed { value: mut feed, degraded } = feed;
    let public = surroundings::take(item, &mut feed, degraded);
    let key = identity(family, &public, &feed);
    let comment = content::comment(feed, public.post.clone(), action);
    let target = target(&comment, action);
    let by_author = matches!(action, CommentAction::Added | CommentAction::Edited | CommentAction::Mentioned);
    let payload = Payload::Comment(comment);
    let mut event = if by_author { public.event(key, payload) } else { public.event_by_somebody(key, payload) };
    event.envelope.target = (target != Target::default()).then_some(target);
    event
}

/// What happened to which comment or post, and when. Edits and hiding repeat the time of writing: the new text tells
/// one edit from the next, the time of the entry one hiding from the next.
fn identity(family: &str, public: &Public<'_>, feed: &Feed) -> String {
    let raw = public.item.raw;
    let id = feed.comment_id.get().or(public.post.as_deref()).map_or_else(|| fingerprint(raw), Into::into);
    let (kind, verb) = super::words(feed);
    let created = moment(feed.created_time.and_then(Epoch::timestamp), raw);
    // A post is told as a photo and as a status; a comment is just a comment.
    let family = if family == kind { family.to_owned() } else { key::key(family, &[kind]) };
    let key = key::key(&family, &[&id, verb, &created]);
    match verb {
        "edit" | "edited" => {
            let edited = feed.edited_time.and_then(Epoch::timestamp).map_or(0, |at| at.seconds);
            let text = feed.message.0.as_deref().unwrap_or_default();
            key::key(&key, &[&fingerprint(format!("{edited} {text}").as_bytes())])
        }
        "hide" | "unhide" => key::key(&key, &[&moment(public.at, raw)]),
        _ => key,
    }
}

/// A new comment points at what it answers, anything else at the comment or post it happened to.
fn target(comment: &Comment, action: CommentAction) -> Target {
    let is_new = matches!(action, CommentAction::Added | CommentAction::Mentioned);
    let nearest = if is_new { &comment.parent_comment_id } else { &comment.comment_id };
    let is_new_post = action == CommentAction::Added && comment.comment_id.is_none();
    Target {
        provider_comment_id: nearest.clone(),
        provider_post_id: comment.post_id.clone().filter(|_| !is_new_post),
        ..Target::default()
    }
}
