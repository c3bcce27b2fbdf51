//! Posts: in a topic for everybody they are comments, in a private one messages.

use connector_sdk::{Event, Malformed, json::Number};
use kenh_proto::v1::{
    Comment, CommentAction, ConversationKind, Message, MessageDeleted, MessageEdited, Reaction, ReactionAction, Target,
    Text, TextFormat, envelope::Payload,
};

use super::item::{Item, Person, timed};
use crate::wire::{Like, Post};

/// `post_created`, `post_edited`, `post_destroyed`, `post_recovered`
pub(super) fn told(item: &Item<'_>, post: &Post) -> Result<Event, Malformed> {
    // Notes such as "closed this topic": the topic's own event says so.
    if number(post.post_type.0) == Some(3) {
        return Ok(item.unsupported("not_typed", None));
    }
    let action = match item.event.unwrap_or_else(|| guessed(post)) {
        "post_created" => CommentAction::Added,
        "post_edited" => CommentAction::Edited,
        "post_destroyed" => CommentAction::Removed,
        "post_recovered" => CommentAction::Unhidden,
        _ => return Ok(item.unsupported("unknown_event", None)),
    };
    let id = post.id.0.required("id")?;
    let topic = post.topic_id.0.required("topic_id")?;
    let private = post.topic_archetype.0.get() == Some("private_message");
    let payload = if private { message(post, action) } else { Payload::Comment(comment(item, post, action)) };
    let word = item.event.unwrap_or_else(|| guessed(post));
    let changed = if action == CommentAction::Removed { post.deleted_at.0.get() } else { None };
    let changed = changed.or_else(|| post.updated_at.0.get()).unwrap_or_default();
    let person = Person { username: &post.username, id: &post.user_id, name: &post.name };
    let mut event = item.done(format!("{word}:{id}:{changed}"), &person, payload);
    event = if action == CommentAction::Added { event.message_id(id) } else { event.target(target(private, id)) };
    event = event.conversation(if private { ConversationKind::Group } else { ConversationKind::PublicPost }, topic);
    if let Some(conversation) = &mut event.envelope.conversation {
        conversation.title = post.topic_title.0.get().map(Into::into);
    }
    let at = match action {
        CommentAction::Added => post.created_at.0.get(),
        CommentAction::Removed => post.deleted_at.0.get().or_else(|| post.updated_at.0.get()),
        CommentAction::Edited
        | CommentAction::Hidden
        | CommentAction::Unhidden
        | CommentAction::Mentioned
        | CommentAction::Unspecified => post.updated_at.0.get(),
    };
    Ok(timed(event, at))
}

/// `post_liked`
pub(super) fn liked(item: &Item<'_>, like: &Like) -> Result<Event, Malformed> {
    let post = &like.post.0;
    let id = post.id.0.required("post.id")?;
    let user = &like.user.0;
    let who = user.username.0.get().unwrap_or_default();
    let reaction =
        Reaction { action: ReactionAction::Added.into(), code: Some("like".into()), emoji: Some("❤️".into()) };
    let person = Person { username: &user.username, id: &user.id, name: &user.name };
    let private = post.topic_archetype.0.get() == Some("private_message");
    let event = item.done(format!("post_liked:{id}:{who}"), &person, Payload::Reaction(reaction));
    let event = event.target(target(private, id));
    Ok(match post.topic_id.0.get() {
        Some(topic) if private => event.conversation(ConversationKind::Group, topic),
        Some(topic) => event.conversation(ConversationKind::PublicPost, topic),
        None => event,
    })
}

/// What a post says of what happened to it, where no header came along.
fn guessed(post: &Post) -> &'static str {
    if post.deleted_at.0.get().is_some() {
        "post_destroyed"
    } else if number(post.version.0).is_some_and(|version| version > 1) {
        "post_edited"
    } else {
        "post_created"
    }
}

fn number(number: Option<Number>) -> Option<u64> {
    number.and_then(Number::whole)
}

fn target(private: bool, id: &str) -> Target {
    let id = Some(id.to_owned());
    if private {
        Target { provider_message_id: id, ..Target::default() }
    } else {
        Target { provider_comment_id: id, ..Target::default() }
    }
}

fn text(post: &Post) -> Option<Text> {
    let body = post.raw.0.get()?.to_owned();
    Some(Text { body, format: TextFormat::Markdown.into(), ..Text::default() })
}

fn message(post: &Post, action: CommentAction) -> Payload {
    let text = text(post);
    match action {
        CommentAction::Removed => Payload::MessageDeleted(MessageDeleted::default()),
        CommentAction::Added => Payload::Message(Message { text, ..Message::default() }),
        CommentAction::Edited
        | CommentAction::Hidden
        | CommentAction::Unhidden
        | CommentAction::Mentioned
        | CommentAction::Unspecified => {
            let revision = number(post.version.0).and_then(|version| u32::try_from(version).ok());
            Payload::MessageEdited(MessageEdited { text, revision, ..MessageEdited::default() })
        }
    }
}

fn comment(item: &Item<'_>, post: &Post, action: CommentAction) -> Comment {
    let place = number(post.post_number.0);
    let sort = match (number(post.post_type.0), place) {
        (Some(2), _) => "moderator_action",
        (Some(4), _) => "whisper",
        (_, Some(1)) => "topic",
        _ => "post",
    };
    let address = |site: &String| Some(format!("{site}/t/{}/{}", post.topic_id.0.get()?, place?));
    Comment {
        action: action.into(),
        comment_id: post.id.0.get().map(Into::into),
        post_id: post.topic_id.0.get().map(Into::into),
        text: text(post).filter(|_| action != CommentAction::Removed),
        item_type: Some(sort.into()),
        permalink: item.site.url.as_ref().and_then(address),
        ..Comment::default()
    }
}
