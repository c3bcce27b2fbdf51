//! A message on its way.

use connector_sdk::outbound::{Accepted, Effect, Failure, Outcome, Sending, Step};
use kenh_proto::v1::{Media, Message, SendReason};
use serde_json::{Map, Value, json};

use super::{
    call::{Caller, Request},
    capabilities::{BROADCAST, THREAD, UNFURL},
    content, markup, upload,
};

/// The next step of a message.
pub(super) fn step(caller: &mut Caller<'_>, sending: &Sending<'_>, channel: &str, message: &Message) -> Step {
    if let Some(media) = content::upload(message) {
        return file(caller, sending, channel, message, media);
    }
    let Some(mut body) = content::members(message) else {
        return Step::Done(Failure::permanent(SendReason::ContentUnsupported, None));
    };
    body.insert("channel".into(), json!(channel));
    body.extend(thread(sending, message));
    for name in [BROADCAST, UNFURL] {
        let switched = sending.options.get(name).map(|value| value == "true");
        body.extend(switched.map(|on| (name.to_owned(), json!(on))));
    }
    let request = Request { method: "chat.postMessage", body: Value::Object(body), effect: Effect::Visible };
    match caller.call(&request) {
        Ok(answer) => Step::Done(Outcome::Accepted(accepted(&answer))),
        Err(stop) => stop.into(),
    }
}

fn thread(sending: &Sending<'_>, message: &Message) -> Option<(String, Value)> {
    let quoted = message.quoted.as_ref().map(|quoted| &quoted.provider_message_id);
    sending.options.get(THREAD).or(quoted).map(|ts| (THREAD.to_owned(), json!(ts)))
}

/// A file gets no id of a message; its event comes later, in the channel.
fn file(caller: &mut Caller<'_>, sending: &Sending<'_>, channel: &str, message: &Message, media: &Media) -> Step {
    let uploaded = match upload::uploaded(caller, media) {
        Ok(uploaded) => uploaded,
        Err(step) => return *step,
    };
    let mut body = Map::new();
    body.insert("files".into(), json!([{"id": uploaded.id, "title": uploaded.name}]));
    body.insert("channel_id".into(), json!(channel));
    let own = media.caption.as_deref().map(markup::escaped);
    let comment = message.text.as_ref().map(markup::written).or(own);
    body.extend(comment.map(|comment| ("initial_comment".to_owned(), json!(comment))));
    body.extend(thread(sending, message));
    let request =
        Request { method: "files.completeUploadExternal", body: Value::Object(body), effect: Effect::Visible };
    match caller.call(&request) {
        Ok(_) => {
            let notes = [("file_id", uploaded.id)].into();
            Step::Done(Outcome::Accepted(Accepted { ids: Vec::new(), notes }))
        }
        Err(stop) => stop.into(),
    }
}

/// The id holds within the channel, which changes and deletions want beside it.
fn accepted(answer: &Value) -> Accepted {
    let text = |name: &str| answer.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
    let notes = text("channel").map(|channel| ("channel", channel));
    Accepted { ids: text("ts").into_iter().collect(), notes: notes.into_iter().collect() }
}
