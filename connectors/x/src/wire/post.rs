//! Posts, as both products write them.

use connector_sdk::{
    json::{Number, Soft, Word},
    time::Epoch,
};
use serde::Deserialize;

use super::{File, Profile};

/// A post. The Account Activity API has version 1.1 of it, the X Activity API version 2.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Post {
    pub(crate) id: Soft<Word>,
    pub(crate) id_str: Soft<Word>,
    pub(crate) text: Soft<Word>,
    /// The whole of a text that is longer than it was once allowed to be.
    pub(crate) extended_tweet: Soft<Option<Extended>>,
    /// RFC 3339, or `Thu Jan 01 00:00:00 +0000 2026`.
    pub(crate) created_at: Soft<Word>,
    pub(crate) timestamp_ms: Option<Epoch>,
    pub(crate) author_id: Soft<Word>,
    pub(crate) user: Soft<Option<Profile>>,
    pub(crate) conversation_id: Soft<Word>,
    pub(crate) in_reply_to_user_id: Soft<Word>,
    pub(crate) in_reply_to_user_id_str: Soft<Word>,
    pub(crate) in_reply_to_status_id_str: Soft<Word>,
    pub(crate) referenced_tweets: Soft<Vec<Soft<Referenced>>>,
    pub(crate) retweeted_status: Soft<Option<Referenced>>,
    pub(crate) quoted_status_id_str: Soft<Word>,
    pub(crate) entities: Soft<Entities>,
    pub(crate) extended_entities: Soft<Files>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Extended {
    pub(crate) full_text: Soft<Word>,
    pub(crate) entities: Soft<Entities>,
    pub(crate) extended_entities: Soft<Files>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Files {
    pub(crate) media: Soft<Vec<Soft<File>>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Referenced {
    #[serde(rename = "type")]
    pub(crate) kind: Soft<Word>,
    pub(crate) id: Soft<Word>,
}

/// Ranges of a text with a meaning.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Entities {
    pub(crate) urls: Soft<Vec<Soft<Span>>>,
    pub(crate) hashtags: Soft<Vec<Soft<Span>>>,
    pub(crate) user_mentions: Soft<Vec<Soft<Span>>>,
    pub(crate) mentions: Soft<Vec<Soft<Span>>>,
}

/// A range, counted in Unicode code points: `indices`, or `start` and `end`.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Span {
    pub(crate) indices: Soft<Vec<Number>>,
    pub(crate) start: Soft<Option<Number>>,
    pub(crate) end: Soft<Option<Number>>,
    pub(crate) expanded_url: Soft<Word>,
    pub(crate) id_str: Soft<Word>,
    pub(crate) id: Soft<Word>,
}

impl Span {
    /// Its user.
    pub(crate) fn user(&self) -> Option<&str> {
        self.id_str.0.get().or_else(|| self.id.0.get())
    }

    /// Offset and length.
    pub(crate) fn range(&self) -> Option<(u32, u32)> {
        let whole = |number: Number| number.whole().and_then(|number| u32::try_from(number).ok());
        let (start, end) = match self.indices.0.as_slice() {
            [start, end] => (*start, *end),
            _ => (self.start.0?, self.end.0?),
        };
        let (start, end) = (whole(start)?, whole(end)?);
        Some((start, end.checked_sub(start)?))
    }
}

impl Post {
    pub(crate) fn id(&self) -> Option<&str> {
        self.id_str.0.get().or_else(|| self.id.0.get())
    }

    pub(crate) fn author(&self) -> Option<&str> {
        self.author_id.0.get().or_else(|| self.user.0.as_ref().and_then(Profile::id))
    }

    /// The post it answers, quotes (`quoted`) or passes on (`retweeted`).
    pub(crate) fn referenced(&self, kind: &str) -> Option<&str> {
        if kind == "retweeted"
            && let Some(post) = &self.retweeted_status.0
        {
            return post.id.0.get();
        }
        let fits = |post: &&Soft<Referenced>| post.0.kind.0.get() == Some(kind);
        self.referenced_tweets.0.iter().find(fits).and_then(|post| post.0.id.0.get())
    }
}
