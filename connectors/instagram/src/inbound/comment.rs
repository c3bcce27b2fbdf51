//! Comments and mentions. Neither tells when it was written; the time of the entry stands in for that.

use connector_meta::{
    item::Item,
    key::{fingerprint, key},
    messaging::text,
    public::{Author, Public, moment},
};
use connector_sdk::{Event, Malformed, json::Parsed};
use kenh_proto::v1::{Comment, CommentAction, Referral, Target, envelope::Payload};

use super::DIALECT;
use crate::wire;

/// A comment below a post, a reel or an advertisement, or to a live video. The account's own arrive too.
pub(super) fn written(item: &Item<'_>, kind: &str, Parsed { value, degraded }: Parsed<wire::Comment>) -> Event {
    let Some(id) = value.id.into_option() else { return incomplete(item, "comments", "expected id") };
    let from = value.from.unwrap_or_default();
    let media = value.media.unwrap_or_default();
    let referral = advertisement(&media);
    let public =
        surroundings(item, Author::of(from.id.into_option(), from.username.0), media.id.into_option(), degraded);
    // Instagram tells of no edits. Should it, the text keeps them apart; a comment on an advertisement is told twice.
    let key = key(kind, &[&id, &fingerprint(value.text.0.as_deref().unwrap_or_default().as_bytes())]);
    let comment = Comment {
        action: CommentAction::Added.into(),
        comment_id: Some(id),
        post_id: public.post.clone(),
        parent_comment_id: value.parent_id.into_option(),
        text: text(value.text.0),
        item_type: Some(kind.into()),
        ..Comment::default()
    };
    let target = Target {
        provider_comment_id: comment.parent_comment_id.clone(),
        provider_post_id: comment.post_id.clone(),
        ..Target::default()
    };
    let mut event = public.event(key, Payload::Comment(comment));
    event.envelope.target = (target != Target::default()).then_some(target);
    event.envelope.referral = referral;
    event
}

/// Somebody named the account in a comment or, without one, below their own picture. What they wrote and who they are
/// has to be asked for.
pub(super) fn mention(item: &Item<'_>, Parsed { value, degraded }: Parsed<wire::Mention>) -> Event {
    let (post, comment) = (value.media_id.into_option(), value.comment_id.into_option());
    if post.is_none() && comment.is_none() {
        return incomplete(item, "mentions", "expected media_id");
    }
    let key = key("mention", &[post.as_deref().unwrap_or_default(), comment.as_deref().unwrap_or_default()]);
    let public = surroundings(item, None, post, degraded);
    let target =
        Target { provider_comment_id: comment.clone(), provider_post_id: public.post.clone(), ..Target::default() };
    let comment = Comment {
        action: CommentAction::Mentioned.into(),
        comment_id: comment,
        post_id: public.post.clone(),
        ..Comment::default()
    };
    public.event(key, Payload::Comment(comment)).target(target)
}

fn surroundings<'a>(
    item: &'a Item<'a>,
    author: Option<Author>,
    post: Option<String>,
    mended: Option<&'static str>,
) -> Public<'a> {
    let (at, range) = moment([item.time]);
    Public { item, scheme: DIALECT.scheme, author, post, at, degraded: [mended, range] }
}

fn advertisement(media: &wire::Media) -> Option<Referral> {
    Some(Referral {
        source: Some("ADS".into()),
        ad_id: Some(media.ad_id.get()?.into()),
        title: media.ad_title.0.clone(),
        post_id: media.original_media_id.get().map(Into::into),
        ..Referral::default()
    })
}

fn incomplete(item: &Item<'_>, field: &str, detail: &str) -> Event {
    let error = Malformed { reason: "unexpected_shape", detail: detail.into() };
    item.malformed(Some(field), &error, ".value")
}
