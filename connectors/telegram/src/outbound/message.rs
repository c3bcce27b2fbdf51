//! A message on its way. An address is Telegram's to fetch; what it cannot make use of is fetched and uploaded here.

use std::collections::BTreeMap;

use connector_sdk::outbound::{Accepted, Effect, Failure, Outcome, Sending, Step, file};
use kenh_proto::v1::{Message, SendReason};
use serde_json::{Value, json};

use super::{
    call::{Caller, Fields, Request, Stop},
    capabilities::{CALLBACK, PROTECTED, SILENT, TOPIC},
    content::{self, Filed, Said},
    errors::Hint,
    media,
};

/// The next step of a message.
pub(super) fn step(caller: &mut Caller<'_>, sending: &Sending<'_>, message: &Message) -> Step {
    let Some(Said { mut request, file }) = content::said(message, caller.chat.business.is_some()) else {
        return Step::Done(Failure::permanent(SendReason::ContentUnsupported, None));
    };
    request.fields.extend(options(sending));
    if let Err(step) = still(caller, sending) {
        return *step;
    }
    match result(caller, request, file) {
        Ok(result) => Step::Done(Outcome::Accepted(accepted(caller, &result))),
        Err(step) => *step,
    }
}

fn options(sending: &Sending<'_>) -> Fields {
    let switch =
        |name| (sending.options.get(name).map(String::as_str) == Some("true")).then_some((name, Value::Bool(true)));
    let topic = sending.options.get(TOPIC).and_then(|topic| topic.parse::<u32>().ok());
    let topic = topic.map(|topic| (TOPIC, json!(topic)));
    [switch(SILENT), switch(PROTECTED), topic].into_iter().flatten().collect()
}

/// Before the first piece the button that was tapped is told to turn no longer. That it cannot be told any more, after some
/// minutes, keeps no answer from being sent.
fn still(caller: &mut Caller<'_>, sending: &Sending<'_>) -> Result<(), Box<Step>> {
    let Some(id) = sending.options.get(CALLBACK).filter(|_| sending.reference.ends_with(".0")) else { return Ok(()) };
    let fields = vec![(CALLBACK, json!(id))];
    let request = Request { method: "answerCallbackQuery", fields, file: None, effect: Effect::Repeatable };
    match caller.call(&request) {
        Err(Stop::Next(step)) => Err(step),
        Ok(_) | Err(Stop::Ended(..)) => Ok(()),
    }
}

fn result(caller: &mut Caller<'_>, mut request: Request, filed: Option<Filed>) -> Result<Value, Box<Step>> {
    let ended = |stop: Stop| Box::new(Step::from(stop));
    let Some(Filed { media: sent, field }) = filed else { return caller.call(&request).map_err(ended) };
    if let Some(known) = media::known(&sent) {
        let mut by_address = Request { fields: request.fields.clone(), ..request };
        by_address.fields.push((field, json!(known)));
        match caller.call(&by_address) {
            Err(Stop::Ended(_, Some(Hint::Address))) if sent.provider_ref.is_none() => {}
            other => return other.map_err(ended),
        }
    }
    let bytes = file(&sent, media::most(&sent), &mut caller.answers)?;
    request.file = Some((field, bytes));
    caller.call(&request).map_err(ended)
}

/// Ids hold within the chat; an album has several.
fn accepted(caller: &Caller<'_>, result: &Value) -> Accepted {
    let messages = result.as_array().map_or(std::slice::from_ref(result), Vec::as_slice);
    let ids = messages.iter().filter_map(|message| message.get("message_id")?.as_i64());
    let moved = caller.chat.migrated.then(|| ("migrated_to_chat_id", caller.chat.id.to_string()));
    Accepted { ids: ids.map(|id| id.to_string()).collect(), notes: moved.into_iter().collect::<BTreeMap<_, _>>() }
}
