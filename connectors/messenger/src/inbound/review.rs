//! Reviews of the page. A review is a post, and its answers come as comments of the feed.

use connector_meta::{
    item::Item,
    key::{self, fingerprint, key},
    names,
    public::{Author, Public, moment},
};
use connector_sdk::{
    Event,
    json::{Number, Parsed},
    time::Epoch,
};
use kenh_proto::v1::{Feedback, FeedbackKind, Target, envelope::Payload};

use super::AUTHOR_SCHEME;
use crate::wire::Rating;

/// A change of the field `ratings`.
pub(super) fn event(item: &Item<'_>, Parsed { value: rating, degraded }: Parsed<Rating>) -> Event {
    let (at, range) = moment([rating.created_time, item.time]);
    let public = Public {
        item,
        scheme: AUTHOR_SCHEME,
        author: Author::of(rating.reviewer_id.into_option(), rating.reviewer_name.0),
        post: rating.open_graph_story_id.into_option(),
        at,
        degraded: [degraded, range],
    };
    let verb = rating.verb.0.as_deref().unwrap_or_default();
    if !matches!((rating.item.0.as_deref(), verb), (None | Some("rating"), "add" | "edit" | "edited")) {
        let kind = names::path(&[Some("ratings"), rating.item.0.as_deref(), Some(verb)]);
        return public.unsupported(kind.as_deref(), "unknown_event");
    }
    let author = public.author.as_ref().and_then(|author| author.id.as_deref()).unwrap_or_default();
    let key = key(
        "rating",
        &[
            author,
            public.post.as_deref().unwrap_or_default(),
            verb,
            &key::moment(rating.created_time.and_then(Epoch::timestamp), item.raw),
            &fingerprint(rating.review_text.0.as_deref().unwrap_or_default().as_bytes()),
        ],
    );
    let feedback = Feedback {
        kind: FeedbackKind::Review.into(),
        score: rating.stars.map(Number::get),
        comment: rating.review_text.0,
        choices: rating.recommendation_type.0.into_iter().collect(),
        ..Feedback::default()
    };
    let target = public.post.clone().map(|post| Target { provider_post_id: Some(post), ..Target::default() });
    let mut event = public.event(key, Payload::Feedback(feedback));
    event.envelope.target = target;
    event
}
