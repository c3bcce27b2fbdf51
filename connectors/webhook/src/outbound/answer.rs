//! What an answer means, by the programs and the table of the configuration.

use connector_sdk::{
    json as lenient,
    outbound::{Accepted, Answer, Effect, Failure, Outcome, Reply, Retry},
};
use jaq_json::{Map, Val};
use kenh_proto::v1::SendReason;

use super::{Call, Sender};
use crate::{
    jq::{Meter, Program},
    json,
};

/// Ids of one message at most.
const MOST_IDS: usize = 16;
/// Characters of an id at most.
const LONGEST_ID: usize = 256;

impl Sender {
    /// How a piece has ended.
    pub(super) fn ended(&self, call: &Call, answer: &Answer, effect: Effect) -> Outcome {
        match answer.to_call(effect) {
            Ok(reply) => self.judged(call, reply, effect),
            Err(outcome) => outcome,
        }
    }

    fn judged(&self, call: &Call, reply: &Reply, effect: Effect) -> Outcome {
        let meter = Meter::default();
        let (input, is_json) = input(reply);
        let is_good = (200..300).contains(&reply.status);
        // A program that fails on an answer says nothing of it.
        let taken = match call.success.as_ref().or(self.success.as_ref()) {
            _ if !is_good => Some(false),
            None => Some(true),
            Some(program) => match program.first(input.clone(), &[], &meter) {
                Some(Ok(said)) => Some(!matches!(said, Val::Null | Val::Bool(false))),
                None | Some(Err(_)) => None,
            },
        };
        if taken == Some(true) {
            let ids = self.message_id.as_ref().map(|program| ids(program, &input, &meter)).unwrap_or_default();
            return Outcome::Accepted(Accepted { ids, ..Accepted::default() });
        }
        let code = self.error_code.as_ref().and_then(|program| code(program, &input, &meter));
        let status = reply.status.to_string();
        let reason = code.as_ref().and_then(|code| self.errors.get(code)).or_else(|| self.errors.get(&status));
        if let Some(reason) = reason {
            let code = code.unwrap_or_else(|| format!("http_{status}"));
            return Failure::passing(*reason, code, retry(*reason, reply));
        }
        match (taken, reply.status) {
            (Some(false), 200..=299) => {
                Failure::permanent(SendReason::Refused, code.unwrap_or_else(|| format!("http_{status}")))
            }
            (Some(false), 300..=499) if is_json => match Outcome::of_status(reply.status, reply.retry_after) {
                Outcome::Failed(failure) => Outcome::Failed(Failure { code: code.or(failure.code), ..failure }),
                other @ (Outcome::Accepted(_) | Outcome::Unknown) => other,
            },
            // It may have been seen all the same.
            _ => reply.wordless(effect),
        }
    }
}

/// An answer as programs see it, and whether its body is JSON.
fn input(reply: &Reply) -> (Val, bool) {
    let (body, is_json) = match json::body(&reply.body) {
        Ok((body, _)) => (body, true),
        Err(_) => (json::text(&String::from_utf8_lossy(&reply.body)), false),
    };
    let members = [("status", Val::from(isize::from(reply.status.cast_signed()))), ("body", body)];
    (Val::obj(members.into_iter().map(|(name, value)| (json::text(name), value)).collect::<Map>()), is_json)
}

fn ids(program: &Program, input: &Val, meter: &Meter) -> Vec<String> {
    let given = program.run(input.clone(), &[], meter).filter_map(Result::ok);
    let ids = given.filter_map(|given| word(&given)).filter(|id| id.chars().count() <= LONGEST_ID);
    ids.take(MOST_IDS).collect()
}

/// A code as codes are; what somebody wrote is none.
fn code(program: &Program, input: &Val, meter: &Meter) -> Option<String> {
    let given = program.first(input.clone(), &[], meter)?.ok()?;
    lenient::name(&word(&given)?).map(Into::into)
}

fn word(value: &Val) -> Option<String> {
    let text = match value {
        Val::TStr(bytes) | Val::BStr(bytes) => std::str::from_utf8(bytes).ok()?.to_owned(),
        Val::Num(_) => value.to_string(),
        Val::Null | Val::Bool(_) | Val::Arr(_) | Val::Obj(_) => return None,
    };
    (!text.is_empty()).then_some(text)
}

fn retry(reason: SendReason, reply: &Reply) -> Retry {
    if matches!(reason, SendReason::Throttled | SendReason::ChannelUnavailable) {
        reply.pause()
    } else if reason == SendReason::AuthBroken {
        Retry::NewToken
    } else {
        Retry::Never
    }
}
