//! What is no message and no post: reading, writing, liking, following, deleting, revoking.

use std::cell::Cell;

use connector_sdk::{
    Event, Malformed,
    json::{Raw, missing},
    time::{Epoch, from_rfc3339, from_snowflake},
};
use kenh_proto::v1::{
    AccountEvent, AccountEventKind, ActorRole, Comment, CommentAction, ConversationKind, Direction, Reaction,
    ReactionAction, Receipt, ReceiptStatus, SubscriptionAction, SubscriptionChange, Target, Typing, envelope::Payload,
};
use prost_types::Timestamp;

use super::item::{Item, Users, profiled, timed};
use crate::wire::{Happening, Members, Post, Profile};

/// Milliseconds after 1970 from which X's ids count. See <https://docs.x.com/resources/fundamentals/x-ids>.
const EPOCH: u64 = 1_288_834_974_657;

/// `direct_message_indicate_typing_events`
pub(super) fn typing(item: &Item<'_>, it: &Happening) -> Result<Event, Malformed> {
    let sender = it.sender_id.0.required("sender_id")?;
    let at = it.created_timestamp.and_then(Epoch::timestamp);
    let key = format!("typing:{sender}:{}", millis(at));
    Ok(chat(item, it, key, sender, Payload::Typing(Typing { active: true })))
}

/// `direct_message_mark_read_events`: everything up to a message was read. Its id tells when that was sent.
pub(super) fn seen(item: &Item<'_>, it: &Happening) -> Result<Event, Malformed> {
    let sender = it.sender_id.0.required("sender_id")?;
    let last = it.last_read_event_id.0.required("last_read_event_id")?;
    let receipt = Receipt {
        status: ReceiptStatus::Read.into(),
        provider_message_ids: vec![last.into()],
        watermark: from_snowflake(last, EPOCH),
        ..Receipt::default()
    };
    let target = Target { provider_message_id: Some(last.into()), ..Target::default() };
    Ok(chat(item, it, format!("read:{sender}:{last}"), sender, Payload::Receipt(receipt)).target(target))
}

fn chat(item: &Item<'_>, it: &Happening, key: String, sender: &str, payload: Payload) -> Event {
    let other = if Some(sender) == item.account { it.target.0.recipient() } else { Some(sender) };
    let event = item.event(key, Some(sender), other, payload);
    let event = match other.filter(|id| !id.is_empty()) {
        Some(other) => event.conversation(ConversationKind::Direct, other),
        None => event,
    };
    timed(event, it.created_timestamp.is_some(), it.created_timestamp.and_then(Epoch::timestamp))
}

/// `tweet_delete_events`, `post.delete`
pub(super) fn deleted(item: &Item<'_>, it: &Happening) -> Result<Event, Malformed> {
    let gone = it.status.0.as_ref();
    let id =
        gone.and_then(|gone| gone.id.0.get()).or_else(|| it.id.0.get()).ok_or_else(|| missing("status.id or id"))?;
    let author = gone.and_then(|gone| gone.user_id.0.get()).or_else(|| it.author_id.0.get());
    let comment = Comment {
        action: CommentAction::Removed.into(),
        comment_id: Some(id.into()),
        item_type: Some("post".into()),
        ..Comment::default()
    };
    let target = Target { provider_post_id: Some(id.into()), ..Target::default() };
    let event = item.event(format!("delete:{id}"), author, None, Payload::Comment(comment)).target(target);
    Ok(timed(event, it.timestamp_ms.is_some(), it.timestamp_ms.and_then(Epoch::timestamp)))
}

/// `favorite_events`, `like.create`. The newer product does not name who liked a post of the account, unless among the
/// included people.
pub(super) fn liked(item: &Item<'_>, it: &Happening) -> Result<Event, Malformed> {
    let old = it.favorited_status.0.as_ref();
    let post = it.liked_tweet_id.0.get().or_else(|| old.and_then(Post::id));
    let post = post.ok_or_else(|| missing("favorited_status.id_str or liked_tweet_id"))?;
    let author = it.liked_tweet_author_id.0.get().or_else(|| old.and_then(Post::author));
    let is_of_account = author.is_some() && author == item.account;
    let others = if is_of_account { item.users.other_than(item.account) } else { item.account };
    let actor = it.user.0.id().or(others);
    let reaction =
        Reaction { action: ReactionAction::Added.into(), code: Some("like".into()), emoji: Some("❤️".into()) };
    let key =
        it.id.0.get().map_or_else(|| format!("like:{}:{post}", actor.unwrap_or_default()), |id| format!("like:{id}"));
    let target = Target { provider_post_id: Some(post.into()), ..Target::default() };
    let event = item.event(key, actor, author, Payload::Reaction(reaction)).target(target);
    let event = named(event.conversation(ConversationKind::PublicPost, post), &it.user.0);
    Ok(timed(event, it.timestamp_ms.is_some(), it.timestamp_ms.and_then(Epoch::timestamp)))
}

/// `follow_events` of either type, `follow.follow`, `follow.unfollow`
pub(super) fn followed(item: &Item<'_>, it: &Happening, kind: &str) -> Result<Event, Malformed> {
    let (source, target) = (it.source.0.id(), it.target.0.id());
    let (Some(source), Some(target)) = (source, target) else { return Err(missing("source.id or target.id")) };
    let ends = kind.contains("unfollow") || it.kind.0.get() == Some("unfollow");
    let action = if ends { SubscriptionAction::Unfollowed } else { SubscriptionAction::Followed };
    let change = SubscriptionChange { action: action.into(), ..SubscriptionChange::default() };
    let at = it.created_timestamp.and_then(Epoch::timestamp);
    let verb = if ends { "unfollow" } else { "follow" };
    let key = format!("{verb}:{source}:{target}:{}", millis(at));
    let event = item.event(key, Some(source), Some(target), Payload::SubscriptionChange(change));
    let event = if Some(source) == item.account { event } else { named(event, &it.source.0) };
    Ok(timed(event, it.created_timestamp.is_some(), at))
}

/// `oauth.revoke`: the account took the app's leave away.
pub(super) fn revoked(item: &Item<'_>, it: &Happening) -> Event {
    let revoked = AccountEvent {
        kind: AccountEventKind::AuthorizationRevoked.into(),
        subject: it.target.0.app_id.0.get().map(Into::into),
        ..AccountEvent::default()
    };
    let key = connector_sdk::digest_key(item.raw);
    let event = item.event(key, None, None, Payload::AccountEvent(revoked));
    let text = it.date_time.0.get();
    let event = event.direction(Direction::System).actor(ActorRole::System, None);
    timed(event, text.is_some(), text.and_then(from_rfc3339))
}

/// `user_event`: of the older product the only one that is no list. The account stands in it.
pub(super) fn user_event(body: &[u8], raw: &Raw) -> Event {
    let users = Users::default();
    let nameless = Item {
        account: None,
        raw: body,
        kind: "user_event",
        list: "user_event",
        place: 0,
        id: None,
        users: &users,
        mended: Cell::default(),
    };
    let members = super::soft::<Members>(raw).0;
    let Some(revoke) = members.get("revoke") else { return nameless.unsupported("user_event", "unknown_event", None) };
    let source = super::soft::<Revoke>(revoke).0.source.0.user_id;
    let item = Item { account: source.0.get(), ..nameless };
    match super::read::<Happening>(&item, revoke.get().as_bytes()) {
        Ok(it) => revoked(&item, &it),
        Err(fault) => {
            item.unsupported("user_event", fault.reason, Some(format!("user_event.revoke: {}", fault.detail)))
        }
    }
}

#[derive(serde::Deserialize, Default)]
#[serde(default)]
struct Revoke {
    source: connector_sdk::json::Soft<Source>,
}

#[derive(serde::Deserialize, Default)]
#[serde(default)]
struct Source {
    user_id: connector_sdk::json::Soft<connector_sdk::json::Word>,
}

fn named(mut event: Event, user: &Profile) -> Event {
    if let Some(contact) = event.envelope.contact.as_mut().filter(|_| user.id().is_some()) {
        profiled(contact, user);
    }
    event
}

fn millis(at: Option<Timestamp>) -> i64 {
    at.map_or(0, |at| at.seconds * 1000 + i64::from(at.nanos / 1_000_000))
}
