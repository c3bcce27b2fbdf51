//! A message on its way: answered by its token, or pushed.

use std::{collections::BTreeMap, slice::Iter};

use connector_sdk::outbound::{Accepted, Answer, Call, Effect, Failure, Outcome, Sending, Step};
use kenh_proto::v1::{Message, SendReason};
use serde_json::{Map, Value, json};

use super::{
    call::{post, retry_key},
    capabilities::{QUOTE_TOKEN, SILENT},
    content,
    errors::{self, Ended},
};

/// The next step of a message.
pub(super) fn step(api_url: &str, sending: &Sending<'_>, to: &str, message: &Message, answers: &[Answer]) -> Step {
    let quote = sending.options.get(QUOTE_TOKEN).filter(|_| sending.reference.ends_with(".0"));
    let Some(messages) = content::objects(message, quote.map(String::as_str)) else {
        return Step::Done(Failure::permanent(SendReason::ContentUnsupported, None));
    };
    let caller = Caller { api_url, sending, messages: &messages };
    let mut answers = answers.iter();
    let token = sending.reply_token.filter(|token| !token.is_empty());
    if let Some(step) = token.and_then(|token| caller.answered(token, &mut answers)) {
        return step;
    }
    caller.pushed(to, &mut answers)
}

struct Caller<'a> {
    api_url: &'a str,
    sending: &'a Sending<'a>,
    messages: &'a [Value],
}

impl Caller<'_> {
    /// By the token; nothing where it cannot be used any more. A token works once, so a call of which nobody knows what became
    /// of it is made again: it is either the first to use the token, or is told that it was used.
    fn answered(&self, token: &str, answers: &mut Iter<'_, Answer>) -> Option<Step> {
        let call = || Some(Step::Call(self.call("reply", "replyToken", token, Effect::Visible)));
        let Some(first) = answers.next() else { return call() };
        match taken(first, Effect::Visible) {
            Err(Ended::TokenSpent) => return None,
            Err(Ended::As(Outcome::Unknown)) => {}
            other => return Some(done(other)),
        }
        let Some(second) = answers.next() else { return call() };
        Some(match taken(second, Effect::Visible) {
            Ok(accepted) => Step::Done(Outcome::Accepted(accepted)),
            // Used by the first call, or its minute was over by then.
            Err(_) => Step::Done(Outcome::Unknown),
        })
    }

    /// To the recipient, under a key by which LINE knows a repeat.
    fn pushed(&self, to: &str, answers: &mut Iter<'_, Answer>) -> Step {
        match answers.next() {
            None => {
                let call = self.call("push", "to", to, Effect::Keyed);
                Step::Call(call.header("X-Line-Retry-Key", retry_key(self.sending.reference)))
            }
            Some(answer) => done(taken(answer, Effect::Keyed)),
        }
    }

    fn call(&self, path: &str, name: &str, value: &str, effect: Effect) -> Call {
        let mut body = Map::new();
        body.insert(name.into(), json!(value));
        body.insert("messages".into(), json!(self.messages));
        if self.sending.options.get(SILENT).map(String::as_str) == Some("true") {
            body.insert("notificationDisabled".into(), json!(true));
        }
        post(self.api_url, &format!("/v2/bot/message/{path}"), Value::Object(body), effect)
    }
}

fn done(taken: Result<Accepted, Ended>) -> Step {
    Step::Done(match taken {
        Ok(accepted) => Outcome::Accepted(accepted),
        Err(Ended::As(outcome)) => outcome,
        Err(Ended::TokenSpent) => Failure::permanent(SendReason::Refused, None),
    })
}

fn taken(answer: &Answer, effect: Effect) -> Result<Accepted, Ended> {
    let body = errors::read(answer.to_call(effect).map_err(Ended::As)?, effect)?;
    let sent = body.get("sentMessages").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let word = |message: &Value, name: &str| message.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
    let quote = sent.iter().find_map(|message| word(message, "quoteToken"));
    let notes: BTreeMap<_, _> = quote.map(|token| (QUOTE_TOKEN, token)).into_iter().collect();
    Ok(Accepted { ids: sent.iter().filter_map(|message| word(message, "id")).collect(), notes })
}
