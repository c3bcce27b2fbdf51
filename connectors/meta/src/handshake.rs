//! The handshake: Meta asks once, when the callback URL is saved, and wants its challenge back.

use connector_sdk::{Handshake, RawRequest, Secret, signature::same_secret};

/// Real challenges are ten digits or so; nobody gets us to repeat a page of text.
const LONGEST_CHALLENGE: usize = 256;

/// Repeats the challenge to whoever knows the token.
pub(crate) fn answer(request: &RawRequest<'_>, verify_token: Option<&Secret>) -> Handshake {
    let Some(expected) = verify_token else { return Handshake::Refused };
    let (Some(mode), Some(token), Some(challenge)) = (
        request.query_value("hub.mode"),
        request.query_value("hub.verify_token"),
        request.query_value("hub.challenge"),
    ) else {
        return Handshake::Incomplete("hub.mode, hub.verify_token and hub.challenge are needed");
    };
    if challenge.is_empty() || challenge.len() > LONGEST_CHALLENGE {
        return Handshake::Incomplete("hub.challenge is empty or too long");
    }
    if mode == "subscribe" && same_secret(&token, expected) { Handshake::Answer(challenge) } else { Handshake::Refused }
}
