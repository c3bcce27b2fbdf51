//! `normalize`: which kind of call it is.

mod command;
mod event;
mod interaction;
mod item;
mod message;
mod parts;
mod place;
mod stamp;
mod text;

use connector_sdk::{
    Batch, Malformed,
    json::{self, Parsed},
};

pub(crate) use self::item::USER;
use crate::wire::{Call, Verification};

/// Turns a call into its events.
pub(crate) fn normalize(body: &[u8]) -> Result<Batch, Malformed> {
    if body.trim_ascii_start().first() == Some(&b'{') {
        let call = json::object::<Call>(body)?;
        return Ok(events_api(body, &call));
    }
    // No form has a body that is JSON, and the other way round.
    let field = |name: &str| form_urlencoded::parse(body).find(|(key, _)| key == name).map(|(_, value)| value);
    if let Some(payload) = field("payload") {
        return interaction::read(body, payload.as_bytes());
    }
    if field("command").is_some() {
        return Ok(command::read(body).into());
    }
    if field("ssl_check").is_some() {
        return Ok(Batch::skipped("ssl_check"));
    }
    json::object::<Call>(body)?;
    Err(Malformed { reason: "unexpected_shape", detail: "expected an object or a form of Slack's".into() })
}

fn events_api(body: &[u8], call: &Parsed<Call>) -> Batch {
    match call.value.kind.0.get() {
        Some("url_verification") => Batch::skipped("url_verification"),
        Some("app_rate_limited") => event::rate_limited(body, &call.value).degraded(call.degraded).into(),
        _ => event::read(body, call).into(),
    }
}

/// What to answer when Slack checks the address. Its challenges are some dozens of characters; nobody gets us to repeat
/// a page of text.
pub(crate) fn challenge(body: &[u8]) -> Option<String> {
    const LONGEST_BODY: usize = 4096;
    let body = Some(body).filter(|body| body.len() <= LONGEST_BODY)?;
    let verification = json::object::<Verification>(body).ok()?.value;
    (verification.kind == "url_verification").then_some(verification.challenge)
}
