//! A message on its way.

use connector_sdk::{
    digest_key,
    outbound::{Accepted, Effect, Failure, Method, Outcome, Sending, Step, file},
};
use kenh_proto::v1::{Message, SendReason};
use serde_json::{Map, Value, json};

use super::{
    call::{Caller, Request},
    capabilities::{LARGEST_FILE, MENTIONS, SILENT},
    content,
    errors::Hint,
    recipient::Place,
};

/// `SUPPRESS_NOTIFICATIONS`, `EPHEMERAL`
const NO_SOUND: u64 = 1 << 12;
const EPHEMERAL: u64 = 1 << 6;
/// Characters of a nonce at most.
const NONCE: usize = 25;

/// The next step of a message: by the interaction's token, and where that is over, as the bot.
pub(super) fn step(
    caller: &mut Caller<'_>,
    sending: &Sending<'_>,
    place: Place<'_>,
    message: &Message,
    ephemeral: bool,
) -> Step {
    let Some(mut body) = content::members(message) else {
        return Step::Done(Failure::permanent(SendReason::ContentUnsupported, None));
    };
    let file = match content::attached(message).map(|media| file(media, LARGEST_FILE, &mut caller.answers)) {
        None => None,
        Some(Ok(file)) => Some(file),
        Some(Err(step)) => return *step,
    };
    body.extend(manner(sending, false));
    let request = |path: String, body: &Map<String, Value>, again| Request {
        method: Method::Post,
        path,
        body: Some(Value::Object(body.clone())),
        file: file.clone(),
        effect: Effect::Visible,
        again,
    };
    let mut followed = body.clone();
    followed.extend(manner(sending, ephemeral));
    let follow_up = request(caller.interaction.clone().unwrap_or_default(), &followed, false);
    if let Some(result) = caller.either(&follow_up, &[Hint::TokenOver]) {
        return result.map_or_else(Step::from, |answer| taken(&answer));
    }
    let channel = match place.channel(caller) {
        Ok(channel) => channel,
        Err(stop) => return stop.into(),
    };
    if let Some(quoted) = &message.quoted {
        let reference = json!({"message_id": quoted.provider_message_id, "fail_if_not_exists": false});
        body.insert("message_reference".into(), reference);
    }
    body.insert("nonce".into(), json!(nonce(sending.reference)));
    body.insert("enforce_nonce".into(), json!(true));
    let request = request(format!("/channels/{channel}/messages"), &body, true);
    caller.call(&request).map_or_else(Step::from, |answer| taken(&answer))
}

/// Whom it wakes: nobody, unless asked for. What people wrote could name everybody.
fn manner(sending: &Sending<'_>, ephemeral: bool) -> Map<String, Value> {
    let on = |name: &str| sending.options.get(name).is_some_and(|value| value == "true");
    let parse: &[&str] = if on(MENTIONS) { &["users"] } else { &[] };
    let mut members = Map::new();
    members.insert("allowed_mentions".into(), json!({"parse": parse}));
    let flags = if on(SILENT) { NO_SOUND } else { 0 } | if ephemeral { EPHEMERAL } else { 0 };
    members.extend((flags > 0).then(|| ("flags".to_owned(), json!(flags))));
    members
}

/// By it Discord knows a repeat, for some minutes: long enough to ask once more when no answer came, too short for tries that
/// come later.
fn nonce(reference: &str) -> String {
    digest_key(reference.as_bytes()).trim_start_matches("sha256:").chars().take(NONCE).collect()
}

/// The id holds within the channel, which changes and deletions want beside it.
fn taken(answer: &Value) -> Step {
    let text = |name: &str| answer.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
    Step::Done(text("id").map_or(Outcome::Unknown, |id| {
        let notes = text("channel_id").map(|channel| ("channel", channel)).into_iter().collect();
        Outcome::Accepted(Accepted { ids: vec![id], notes })
    }))
}
