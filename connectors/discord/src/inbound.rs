//! `normalize`: the one event of a call, and what Discord wants to hear at once.

mod action;
mod event;
mod interaction;

use connector_sdk::{
    Ack, Batch, Malformed,
    json::{self, Parsed},
};

pub(crate) use self::interaction::{USER, is_token};
use crate::wire::Call;

/// `type` of a webhook event's ping, and of an interaction's.
const EVENT_PING: u64 = 0;
const PING: u64 = 1;

/// Turns a call into its event. `ephemeral`: what answers it is seen by whoever did it alone.
pub(crate) fn normalize(body: &[u8], ephemeral: bool) -> Result<Batch, Malformed> {
    let Parsed { value: call, degraded } = json::object::<Call>(body)?;
    let event = match (call.kind(), &call.event) {
        // The portal's check of an address, and Discord's from time to time.
        (Some(EVENT_PING | PING), None) => return Ok(Batch::skipped("ping")),
        (_, Some(raw)) => event::told(&call, body, raw),
        (_, None) => interaction::done(&call, body, ephemeral),
    };
    Ok(event.degraded(degraded).into())
}

/// What a 200 says. An interaction has to be answered within three seconds, or the person is told that the application did not
/// respond: with that something will follow, which is what the gateway knows then. `ephemeral`: to them alone.
/// See <https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-response-object>.
pub(crate) fn ack(body: &[u8], ephemeral: bool) -> Ack {
    let Ok(call) = json::object::<Call>(body) else { return Ack::Empty };
    match (call.value.kind(), &call.value.event) {
        (Some(EVENT_PING), _) | (_, Some(_)) => Ack::NoContent,
        (Some(PING), None) => Ack::Json(r#"{"type":1}"#.into()),
        // A form that is shown from a button, and the button itself: nothing is shown until something follows.
        (Some(3), None) => Ack::Json(r#"{"type":6}"#.into()),
        (Some(4), None) => Ack::Json(r#"{"type":8,"data":{"choices":[]}}"#.into()),
        (Some(5), None) if call.value.message.0.id.0.get().is_some() => Ack::Json(r#"{"type":6}"#.into()),
        (Some(2 | 5), None) if ephemeral => Ack::Json(r#"{"type":5,"data":{"flags":64}}"#.into()),
        (Some(2 | 5), None) => Ack::Json(r#"{"type":5}"#.into()),
        (Some(_) | None, None) => Ack::Empty,
    }
}
