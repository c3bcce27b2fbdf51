//! What a program gives: one event, in a small form of its own.

use std::str::FromStr as _;

use connector_sdk::{
    Event, Malformed, digest_key,
    json::{self, Raw, Word},
    time::{self, Epoch},
};
use kenh_proto::v1::{ReplyPolicy, Target};
use prost_types::Timestamp;
use serde::Deserialize;

use super::{
    NOT_TYPED, SHAPE,
    parties::{self, Actor, Contact},
    payload::{self, Kind, Media},
};

/// An event, as `README.md` describes it. What it does not know is refused: a slip of the pen would be a loss.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Item {
    kind: Word,
    /// What is not supported, in the channel's words.
    #[serde(default)]
    r#type: Word,
    #[serde(default)]
    key: Word,
    #[serde(default)]
    account: Word,
    #[serde(default)]
    pub(super) direction: Word,
    #[serde(default)]
    pub(super) contact: Option<Contact>,
    #[serde(default)]
    pub(super) conversation: Option<Raw>,
    #[serde(default)]
    pub(super) actor: Option<Actor>,
    #[serde(default)]
    time: Option<Raw>,
    #[serde(default)]
    event_id: Word,
    #[serde(default)]
    message_id: Word,
    #[serde(default)]
    target: Option<Pointed>,
    #[serde(default)]
    reply_until: Option<Raw>,
    #[serde(default)]
    pub(super) text: Word,
    #[serde(default)]
    pub(super) format: Word,
    #[serde(default)]
    pub(super) media: Option<Vec<Media>>,
    #[serde(default)]
    pub(super) reply_to: Word,
    #[serde(default)]
    pub(super) payload: Option<Raw>,
}

/// What an event points at.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pointed {
    #[serde(default)]
    message_id: Word,
    #[serde(default)]
    comment_id: Word,
    #[serde(default)]
    post_id: Word,
    #[serde(default)]
    client_reference: Word,
}

/// The event of what a program gave. `raw` is what it was made from.
pub(super) fn event(given: &str, raw: &[u8], account: &str) -> Result<Event, Malformed> {
    let shaped = |fault: Malformed| Malformed { reason: SHAPE, ..fault };
    let item: Item = json::object(given.as_bytes()).map_err(shaped)?.value;
    let account = item.account.get().unwrap_or(account).to_owned();
    let word = item.kind.required("kind").map_err(shaped)?;
    if word == "unsupported" {
        let kind = item.r#type.get().and_then(json::name);
        let mut event = Event::unsupported(Some(&account), raw, kind, NOT_TYPED, None);
        event.envelope.dedupe_key = key(&item, given);
        return Ok(event);
    }
    let kind = Kind::of(word).ok_or_else(|| wrong("kind: expected one of those README.md lists"))?;
    let payload = payload::payload(kind, &item).map_err(shaped)?;
    let (at, degraded) = moment(item.time.as_ref());
    let (until, degraded_until) = moment(item.reply_until.as_ref());
    let mut event = Event::new(Some(&account), key(&item, given), raw, payload).occurred_at(at);
    event = parties::into(event, kind, &item, &account).map_err(shaped)?;
    event.envelope.provider_event_id = item.event_id.get().map(Into::into);
    event.envelope.provider_message_id = item.message_id.get().map(Into::into);
    event.envelope.target = item.target.map(|target| Target {
        provider_message_id: target.message_id.into_option(),
        provider_comment_id: target.comment_id.into_option(),
        provider_post_id: target.post_id.into_option(),
        client_reference: target.client_reference.into_option(),
        message_id: None,
    });
    event.envelope.reply_policy = until.map(|until| ReplyPolicy { open_until: Some(until), ..ReplyPolicy::default() });
    Ok(event.degraded(degraded.or(degraded_until)))
}

/// The channel's own identity of the event; where the program gives none, the digest of what it gives.
fn key(item: &Item, given: &str) -> String {
    item.key.get().map_or_else(|| digest_key(given.as_bytes()), Into::into)
}

/// A fault of the program's, in words of ours.
pub(super) fn wrong(detail: impl Into<String>) -> Malformed {
    Malformed { reason: SHAPE, detail: detail.into() }
}

/// A time: seconds or milliseconds since 1970, or RFC 3339; with a code where it can be neither.
fn moment(raw: Option<&Raw>) -> (Option<Timestamp>, Option<&'static str>) {
    let Some(raw) = raw.filter(|raw| raw.get() != "null") else { return (None, None) };
    let epoch = serde_json::from_str::<Epoch>(raw.get()).ok().and_then(Epoch::timestamp);
    let written = || {
        let text: String = serde_json::from_str(raw.get()).ok()?;
        let time = jiff::Timestamp::from_str(&text).ok()?;
        time::from_millis(u64::try_from(time.as_millisecond()).ok()?)
    };
    match epoch.or_else(written) {
        Some(time) => (Some(time), None),
        None => (None, Some(time::OUT_OF_RANGE)),
    }
}
