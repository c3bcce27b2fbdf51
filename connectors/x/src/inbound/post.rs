//! Posts: mentions, answers, quotes, and the account's own.

use connector_sdk::{
    Event, Malformed,
    json::{Soft, missing},
    time::{Epoch, from_rfc3339},
};
use kenh_proto::v1::{
    Comment, CommentAction, ConversationKind, Entity, Part, Target, Text, TextFormat, envelope::Payload,
};
use prost_types::Timestamp;

use super::{
    item::{Item, profiled, timed},
    media,
};
use crate::wire::{Entities, Post, Span};

/// A post that was written. `kind` is the activity's type; the older product leaves it to the post.
pub(super) fn created(item: &Item<'_>, post: Post, kind: Option<&str>) -> Result<Event, Malformed> {
    let id = post.id().ok_or_else(|| missing("id"))?.to_owned();
    let author = post.author().map(ToOwned::to_owned);
    let parent = post.referenced("replied_to").or_else(|| post.in_reply_to_status_id_str.0.get());
    let parent = parent.map(ToOwned::to_owned);
    let thread = post.conversation_id.0.get().or(parent.as_deref()).unwrap_or(&id).to_owned();
    let (at, told) = moment(&post);
    let comment = Comment {
        action: if mentions(item, &post, kind) { CommentAction::Mentioned } else { CommentAction::Added }.into(),
        comment_id: Some(id.clone()),
        post_id: Some(thread.clone()),
        item_type: Some(sort(&post, kind, parent.is_some()).into()),
        parent_comment_id: parent,
        ..Comment::default()
    };
    let quoted = post.referenced("quoted").or_else(|| post.quoted_status_id_str.0.get());
    let about = post.referenced("retweeted").or(quoted).map(ToOwned::to_owned);
    let (text, files, user) = content(post);
    let parts = files.into_iter().map(|file| Part { content: Some(file) }).collect();
    let payload = Payload::Comment(Comment { text, parts, ..comment });
    let event = item.event(format!("post:{id}"), author.as_deref(), None, payload);
    let mut event = timed(event, told, at).conversation(ConversationKind::PublicPost, thread).message_id(id);
    if let (Some(contact), Some(user)) = (&mut event.envelope.contact, user) {
        profiled(contact, &user);
    }
    Ok(match about {
        Some(post) => event.target(Target { provider_post_id: Some(post), ..Target::default() }),
        None => event,
    })
}

/// Whether the account is named, as opposed to answered.
fn mentions(item: &Item<'_>, post: &Post, kind: Option<&str>) -> bool {
    if let Some(kind) = kind {
        return kind == "post.mention.create";
    }
    let answered = post.in_reply_to_user_id_str.0.get().or_else(|| post.in_reply_to_user_id.0.get());
    let named = |span: &Soft<Span>| span.0.user().is_some() && span.0.user() == item.account;
    let is_own = post.author().is_some() && post.author() == item.account;
    !is_own && answered != item.account && post.entities.0.user_mentions.0.iter().any(named)
}

fn sort(post: &Post, kind: Option<&str>, answers: bool) -> &'static str {
    if kind == Some("post.repost.create") || post.retweeted_status.0.is_some() || post.referenced("retweeted").is_some()
    {
        "repost"
    } else if answers {
        "reply"
    } else if post.quoted_status_id_str.0.get().is_some() || post.referenced("quoted").is_some() {
        "quote"
    } else {
        "post"
    }
}

type Said = (Option<Text>, Vec<kenh_proto::v1::part::Content>, Option<crate::wire::Profile>);

/// What it says: the longer form where there is one.
fn content(post: Post) -> Said {
    let long = post.extended_tweet.0.filter(|long| long.full_text.0.get().is_some());
    let (body, entities, files) = match long {
        Some(long) => (long.full_text.0, long.entities.0, long.extended_entities.0),
        None => (post.text.0, post.entities.0, post.extended_entities.0),
    };
    let files = files.media.0.into_iter().map(|file| media::file(file.0)).collect();
    (body.get().map(|body| text(body, &entities)), files, post.user.0)
}

/// A text with the ranges that mean something.
pub(super) fn text(body: &str, entities: &Entities) -> Text {
    let length = u32::try_from(body.chars().count()).unwrap_or(u32::MAX);
    let entity = |kind: &str, span: &Span, value: Option<&str>| {
        let (offset, count) = span.range()?;
        let within = offset.checked_add(count).is_some_and(|end| end <= length);
        within.then(|| Entity { r#type: kind.into(), offset, length: count, value: value.map(Into::into) })
    };
    let urls = entities.urls.0.iter().filter_map(|span| entity("url", &span.0, span.0.expanded_url.0.get()));
    let tags = entities.hashtags.0.iter().filter_map(|span| entity("hashtag", &span.0, None));
    let people = entities.user_mentions.0.iter().chain(&entities.mentions.0);
    let people = people.filter_map(|span| entity("mention", &span.0, span.0.user()));
    let mut entities: Vec<_> = urls.chain(tags).chain(people).collect();
    entities.sort_by_key(|entity| entity.offset);
    Text { body: body.into(), format: TextFormat::Unspecified.into(), entities }
}

/// When it was written, and whether that was told at all.
fn moment(post: &Post) -> (Option<Timestamp>, bool) {
    let text = post.created_at.0.get();
    let at = post.timestamp_ms.and_then(Epoch::timestamp);
    (at.or_else(|| text.and_then(written_out)), text.is_some() || post.timestamp_ms.is_some())
}

/// `2026-01-01T00:00:00.000Z`, or `Thu Jan 01 00:00:00 +0000 2026`.
fn written_out(text: &str) -> Option<Timestamp> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let words: Vec<_> = text.split_ascii_whitespace().collect();
    let [_, month, day, time, "+0000", year] = words.as_slice() else { return from_rfc3339(text) };
    let month = MONTHS.iter().position(|name| name == month)? + 1;
    from_rfc3339(&format!("{year}-{month:02}-{day:0>2}T{time}Z"))
}
