//! What is done about messages that are there, and what shows that somebody writes. Doing any of it again changes nothing.

use connector_sdk::outbound::{Accepted, Effect, Failure, Method, Outcome, Step};
use kenh_proto::v1::{ReactionAction, SendReason, delete, outbound_action::What};
use serde_json::{Value, json};

use super::{
    call::{Caller, Request, Stop, is_id},
    content,
    errors::Hint,
    recipient::Place,
};

/// The next step of an action: an edit or deletion by the interaction's token, if there is one and the message is of its own.
pub(super) fn step(caller: &mut Caller<'_>, what: &What, place: Place<'_>) -> Step {
    let done = || Step::Done(Outcome::Accepted(Accepted::default()));
    // There is nothing to call: what is shown ends by itself after ten seconds.
    if matches!(what, What::Typing(typing) if !typing.active) {
        return done();
    }
    let Some(Described { method, path, body, by_token }) = described(what) else {
        return Step::Done(Failure::permanent(SendReason::TargetInvalid, None));
    };
    let request = |path| Request { method, path, body: body.clone(), file: None, effect: Effect::Keyed, again: false };
    if by_token {
        let of_its_own = request(format!("{}{path}", caller.interaction.clone().unwrap_or_default()));
        if let Some(result) = caller.either(&of_its_own, &[Hint::TokenOver, Hint::NoMessage]) {
            return result.map_or_else(Step::from, |_| done());
        }
    }
    let result = place.channel(caller).and_then(|channel| caller.call(&request(format!("/channels/{channel}{path}"))));
    result.map_or_else(|stop: Stop| stop.into(), |_| done())
}

struct Described {
    method: Method,
    /// Below the channel.
    path: String,
    body: Option<Value>,
    /// The interaction has it too.
    by_token: bool,
}

fn described(what: &What) -> Option<Described> {
    let message = |id: &str| is_id(id).then(|| format!("/messages/{id}"));
    Some(match what {
        What::Edit(edit) => {
            let mut body = content::members(edit.message.as_ref()?)?;
            // Buttons that are not named again would stay.
            body.entry("components").or_insert_with(|| json!([]));
            body.insert("allowed_mentions".into(), json!({"parse": []}));
            let path = message(&edit.provider_message_id)?;
            Described { method: Method::Patch, path, body: Some(Value::Object(body)), by_token: true }
        }
        What::Delete(deletion) => match deletion.what.as_ref()? {
            delete::What::ProviderMessageId(id) => {
                Described { method: Method::Delete, path: message(id)?, body: None, by_token: true }
            }
            delete::What::ProviderCommentId(_) => return None,
        },
        What::React(react) => {
            let removed = react.action() == ReactionAction::Removed;
            let path = format!("{}/reactions/{}/@me", message(&react.provider_message_id)?, emoji(&react.reaction)?);
            let method = if removed { Method::Delete } else { Method::Put };
            Described { method, path, body: None, by_token: false }
        }
        What::Typing(_) => Described { method: Method::Post, path: "/typing".into(), body: None, by_token: false },
        What::Message(_) | What::MarkRead(_) | What::CommentReply(_) | What::HideComment(_) => return None,
    })
}

/// An emoji as it stands in addresses: the characters of one, or name and number of a server's own.
pub(super) fn emoji(code: &str) -> Option<String> {
    const LONGEST: usize = 64;
    let own = code.split_once(':').is_some_and(|(name, id)| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') && is_id(id)
    });
    let drawn = !code.is_ascii() && !code.bytes().any(|byte| byte.is_ascii_alphabetic());
    let fits = code.len() <= LONGEST && (own || drawn);
    fits.then(|| {
        code.bytes()
            .map(
                |byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") },
            )
            .collect()
    })
}
