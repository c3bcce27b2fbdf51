//! What a comment or post says and shows.

use connector_meta::{
    fields::web,
    messaging::{media, text},
};
use kenh_proto::v1::{Comment, CommentAction, Link, MediaKind, Part, part::Content};

use crate::wire::Feed;

/// The comment or post.
pub(super) fn comment(mut feed: Feed, post_id: Option<String>, action: CommentAction) -> Comment {
    let parts = parts(&mut feed);
    let comment_id = feed.comment_id.into_option();
    // A comment at the top level has the post for a parent.
    let is_post = |id: &String| Some(id) == post_id.as_ref() || Some(id) == comment_id.as_ref();
    let parent = feed.parent_id.into_option().filter(|id| comment_id.is_some() && !is_post(id));
    Comment {
        action: action.into(),
        comment_id,
        post_id,
        parent_comment_id: parent,
        text: text(feed.message.0),
        parts,
        permalink: feed.post.and_then(|post| web(post.permalink_url.0)),
        item_type: feed.item.0,
    }
}

/// Pictures, films and links. A picture or film that is a post itself stands in `link`.
fn parts(feed: &mut Feed) -> Vec<Part> {
    let mut contents = Vec::new();
    let photos = feed.photo.0.take().into_iter().chain(feed.photos.take().into_iter().flatten());
    for url in photos {
        push(&mut contents, media(MediaKind::Image, Some(url)));
    }
    if let Some(url) = feed.video.0.take() {
        push(&mut contents, media(MediaKind::Video, Some(url)));
    }
    if let Some(url) = feed.link.0.take() {
        match feed.item.0.as_deref() {
            Some("photo") if contents.is_empty() => push(&mut contents, media(MediaKind::Image, Some(url))),
            Some("video") if contents.is_empty() => push(&mut contents, media(MediaKind::Video, Some(url))),
            Some("photo" | "video") => {}
            _ => push(&mut contents, Content::Link(Link { url: web(Some(url)), ..Link::default() })),
        }
    }
    contents.into_iter().map(|content| Part { content: Some(content) }).collect()
}

fn push(contents: &mut Vec<Content>, content: Content) {
    if !contents.contains(&content) {
        contents.push(content);
    }
}
