//! What a provider's answer means.

use std::collections::BTreeMap;

use connector_sdk::{
    fields::{self, Items},
    outbound::{Accepted, Answer, Effect, Failure, Outcome, Reply, Retry},
};
use kenh_proto::v1::SendReason;

use crate::{provider::Then, settings::Settings};

/// How a message has ended.
pub(crate) fn ended(settings: &Settings, answer: &Answer) -> Outcome {
    let again = Failure::passing(SendReason::ChannelUnavailable, None, Retry::Soon);
    let outcome = match answer {
        Answer::Reply(reply) => read(settings, reply),
        Answer::NotSent => return again,
        Answer::NoReply | Answer::Fetched { .. } | Answer::NotFetched { .. } => Outcome::Unknown,
    };
    // A provider that knows repeats is asked until it says something.
    if outcome == Outcome::Unknown && settings.provider.sends.effect == Effect::Keyed { again } else { outcome }
}

fn read(settings: &Settings, reply: &Reply) -> Outcome {
    let answers = &settings.provider.sends.answer;
    let item = fields::read(&reply.body, Items::One).ok().and_then(|mut items| items.pop());
    let Some(item) = item else { return without_words(settings, reply) };
    let is_success = (200..300).contains(&reply.status) && answers.taken.applies(&item);
    let but_not = answers.but_not.filter(|(when, _)| when.applies(&item));
    let but_not = but_not.map(|(_, code)| item.get_at(code).unwrap_or_else(|| code.to_owned()));
    if is_success && but_not.is_none() {
        let notes = answers.notes.iter().filter_map(|(name, path)| Some((*name, item.get_at(path)?)));
        let notes: BTreeMap<_, _> = notes.collect();
        return Outcome::Accepted(Accepted { ids: item.get(answers.id).into_iter().collect(), notes });
    }
    match but_not.or_else(|| item.get(answers.code)).as_deref().and_then(code) {
        Some(code) => failed(settings, reply, code),
        None => without_words(settings, reply),
    }
}

/// A code as codes are, also behind the address of a page on it; what somebody wrote is none.
fn code(text: &str) -> Option<String> {
    const LONGEST: usize = 64;
    let text = text.rsplit_once('#').map_or(text, |(_, code)| code);
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    (!text.is_empty() && text.len() <= LONGEST && text.chars().all(plain)).then(|| text.to_owned())
}

fn failed(settings: &Settings, reply: &Reply, code: String) -> Outcome {
    let known = settings.provider.sends.errors.iter().find(|(codes, ..)| codes.contains(&code.as_str()));
    if let Some((_, reason, then)) = known {
        let retry = match then {
            Then::Never => Retry::Never,
            Then::Soon => reply.retry_after.map_or(Retry::Soon, Retry::After),
            Then::NewToken => Retry::NewToken,
        };
        return Failure::passing(*reason, Some(code), retry);
    }
    match reply.status {
        200..=299 => Failure::permanent(SendReason::Refused, Some(code)),
        // It had an error of its own, and may have sent the message all the same.
        500..=502 | 504..=599 => Outcome::Unknown,
        status => match Outcome::of_status(status, reply.retry_after) {
            Outcome::Failed(failure) => Outcome::Failed(Failure { code: Some(code), ..failure }),
            other @ (Outcome::Accepted(_) | Outcome::Unknown) => other,
        },
    }
}

/// No word of the provider's own: a proxy that gave up, or a body cut short, says nothing of the message.
fn without_words(settings: &Settings, reply: &Reply) -> Outcome {
    let code = format!("http_{}", reply.status);
    match reply.status {
        _ if settings.provider.sends.errors.iter().any(|(codes, ..)| codes.contains(&code.as_str())) => {
            failed(settings, reply, code)
        }
        200..=299 | 500..=502 | 504..=599 => Outcome::Unknown,
        status => Outcome::of_status(status, reply.retry_after),
    }
}
