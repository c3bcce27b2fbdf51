//! What answers mean: a status, and `{"error":{"code":"…","message":"…"}}`.
//! See <https://learn.microsoft.com/microsoftteams/platform/resources/bot-conversations/error-codes>.

use connector_sdk::outbound::{Effect, Failure, Outcome, Reply, Retry};
use kenh_proto::v1::SendReason::{
    self, AuthBroken, ChannelUnavailable, ContentInvalid, ContentTooLarge, NotPermitted, OptedOut, RecipientUnknown,
    TargetInvalid, Throttled,
};
use serde_json::Value;

/// Codes and what they mean. One that is not here means what its status does.
const FACTS: &[(&[&str], SendReason)] = &[
    (&["ConversationNotFound", "BotNotInConversationRoster", "InvalidConversationId"], RecipientUnknown),
    (&["ActivityNotFoundInConversation", "MessageNotFound", "MessageUpdateDisabled"], TargetInvalid),
    (&["MessageWritesBlocked", "ConversationBlockedByUser", "ForbiddenOperationException"], OptedOut),
    (&["BotDisabledByAdmin", "NotEnoughPermissions", "Forbidden"], NotPermitted),
    (&["MessageSizeTooBig"], ContentTooLarge),
    (&["BadSyntax", "BadArgument", "MissingProperty", "InvalidBotApiHost"], ContentInvalid),
];

/// How a call ended.
pub(super) fn ended(reply: &Reply, effect: Effect, accepted: fn(&Value) -> Outcome) -> Outcome {
    let body = reply.json();
    if (200..300).contains(&reply.status) {
        // A change and a removal are answered with less than JSON.
        let answered = body.is_object() || reply.body.trim_ascii().is_empty();
        return if answered { accepted(&body) } else { reply.wordless(effect) };
    }
    let code = body.pointer("/error/code").and_then(Value::as_str).and_then(word);
    let failed = |reason, retry| {
        let code = code.map_or_else(|| format!("http_{}", reply.status), ToOwned::to_owned);
        Failure::passing(reason, code, retry)
    };
    match reply.status {
        401 => failed(AuthBroken, Retry::NewToken),
        // Somebody else changed the conversation at the same moment: nothing was done.
        412 => failed(ChannelUnavailable, reply.pause()),
        429 => failed(Throttled, reply.pause()),
        // In the connector's own words it was not done; a proxy's say nothing.
        500..=599 if code.is_some() => failed(ChannelUnavailable, reply.pause()),
        status => {
            let fact = FACTS.iter().find(|(codes, _)| code.is_some_and(|code| codes.contains(&code)));
            match (fact, code, Outcome::of_status(status, reply.retry_after)) {
                (Some((_, reason)), ..) => failed(*reason, Retry::Never),
                (None, Some(_), Outcome::Failed(failure)) => failed(failure.reason, failure.retry),
                (None, ..) => reply.wordless(effect),
            }
        }
    }
}

/// A code as codes are.
fn word(text: &str) -> Option<&str> {
    const LONGEST: usize = 64;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    Some(text).filter(|text| (1..=LONGEST).contains(&text.len()) && text.bytes().all(plain))
}
