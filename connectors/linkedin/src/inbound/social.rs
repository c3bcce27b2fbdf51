//! What people do below an organization's posts.

use connector_sdk::{
    Event, Malformed, digest_key,
    json::{missing, name},
    time::{Epoch, OUT_OF_RANGE},
};
use kenh_proto::v1::{
    ActorRole, Comment, CommentAction, ConversationKind, Direction, Reaction, ReactionAction, Target, Text,
    envelope::Payload,
};

use super::PERSON;
use crate::wire::{Notification, Written};

/// What an action does. `ADMIN_COMMENT` is the organization's own, by one of its people.
const ACTIONS: &[(&str, CommentAction, &str)] = &[
    ("COMMENT", CommentAction::Added, "comment"),
    ("ADMIN_COMMENT", CommentAction::Added, "comment"),
    ("COMMENT_EDIT", CommentAction::Edited, "comment"),
    ("COMMENT_DELETE", CommentAction::Removed, "comment"),
    ("SHARE", CommentAction::Added, "share"),
    ("SHARE_MENTION", CommentAction::Mentioned, "share"),
];

/// The event of a notification.
pub(super) fn told(index: usize, raw: &[u8], it: &Notification) -> Event {
    let account = it.organizational_entity.0.get();
    let action = it.action.0.get().unwrap_or_default();
    let mut event = match typed(raw, it, action) {
        Ok(Some(event)) => event,
        Ok(None) => Event::unsupported(account, raw, name(action), "unknown_event", None),
        Err(fault) => {
            let detail = format!("notifications[{index}]: {}", fault.detail);
            Event::unsupported(account, raw, name(action), fault.reason, Some(detail))
        }
    };
    let id = it.notification_id.0.get();
    event.envelope.dedupe_key = id.map_or_else(|| digest_key(raw), ToOwned::to_owned);
    event.envelope.provider_event_id = id.map(Into::into);
    let at = it.last_modified_at.and_then(Epoch::timestamp);
    let broken = it.last_modified_at.is_some() && at.is_none();
    event.occurred_at(at).degraded(broken.then_some(OUT_OF_RANGE))
}

fn typed(raw: &[u8], it: &Notification, action: &str) -> Result<Option<Event>, Malformed> {
    let decorated = &it.decorated_generated_activity.0;
    let said = decorated.comment.0.as_ref().or(decorated.share.0.as_ref()).or(decorated.like.0.as_ref());
    let post = it.source_post.0.get();
    let made = it.generated_activity.0.get();
    if action == "LIKE" {
        let post = post.ok_or_else(|| missing("sourcePost"))?;
        let reaction =
            Reaction { action: ReactionAction::Added.into(), code: Some("like".into()), emoji: Some("👍".into()) };
        // What is liked is the post, or a comment below it.
        let comment = said.and_then(|said| said.entity.0.get()).filter(|entity| is_comment(entity));
        let target = Target {
            provider_post_id: Some(post.into()),
            provider_comment_id: comment.map(Into::into),
            ..Target::default()
        };
        return Ok(Some(around(raw, it, said, Payload::Reaction(reaction), false).target(target)));
    }
    let Some((_, change, sort)) = ACTIONS.iter().find(|(known, ..)| *known == action) else { return Ok(None) };
    let made = made.ok_or_else(|| missing("generatedActivity"))?;
    let parent = said.and_then(|said| said.entity.0.get()).filter(|entity| is_comment(entity));
    let text = said.and_then(|said| said.text.0.get()).map(|body| Text { body: body.into(), ..Text::default() });
    let comment = Comment {
        action: (*change).into(),
        comment_id: (*sort == "comment").then(|| made.into()),
        post_id: if *sort == "comment" { post } else { Some(made) }.map(Into::into),
        parent_comment_id: parent.map(Into::into),
        text,
        item_type: Some((*sort).into()),
        ..Comment::default()
    };
    let event = around(raw, it, said, Payload::Comment(comment), action == "ADMIN_COMMENT");
    let event = if *change == CommentAction::Added { event.message_id(made) } else { event };
    // A share of the organization's post is a post of its own, about that one.
    let about = (*sort == "share").then_some(post).flatten();
    Ok(Some(match (about, *change) {
        (Some(post), _) => event.target(Target { provider_post_id: Some(post.into()), ..Target::default() }),
        (None, CommentAction::Edited | CommentAction::Removed) => {
            event.target(Target { provider_comment_id: Some(made.into()), ..Target::default() })
        }
        (None, _) => event,
    }))
}

fn is_comment(urn: &str) -> bool {
    urn.starts_with("urn:li:comment:")
}

/// Who, towards whom, below which post.
fn around(raw: &[u8], it: &Notification, said: Option<&Written>, payload: Payload, by_admin: bool) -> Event {
    let account = it.organizational_entity.0.get();
    let owner = said.and_then(|said| said.owner.0.get());
    let is_own = by_admin || (owner.is_some() && owner == account);
    let mut event = Event::new(account, "", raw, payload);
    event = event.direction(if is_own { Direction::Echo } else { Direction::Inbound });
    if let Some(owner) = owner {
        event = event.actor(if is_own { ActorRole::Agent } else { ActorRole::Contact }, Some(owner));
    }
    if let (Some(owner), false) = (owner, is_own) {
        event = event.identity(PERSON, owner, account);
    }
    match it.source_post.0.get().or(it.generated_activity.0.get()) {
        Some(post) => event.conversation(ConversationKind::PublicPost, post),
        None => event,
    }
}
