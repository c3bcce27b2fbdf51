//! What shows that somebody is at work: the loading animation and the mark of having read.

use connector_sdk::outbound::{Accepted, Answer, Effect, Failure, Outcome, Sending, Step};
use kenh_proto::v1::{SendReason, outbound_action::What};
use serde_json::json;

use super::{
    call::post,
    capabilities::MARK_AS_READ_TOKEN,
    errors::{self, Ended},
};

/// How long it is shown at most: LINE takes 5 to 60 seconds, in steps of five. A message of the account ends it.
const LOADING_SECONDS: u32 = 20;

/// The next step of an action. Doing it again changes nothing.
pub(super) fn step(api_url: &str, sending: &Sending<'_>, to: &str, answers: &[Answer]) -> Step {
    let (path, body) = match sending.what {
        What::Typing(typing) if typing.active => {
            ("/v2/bot/chat/loading/start", json!({"chatId": to, "loadingSeconds": LOADING_SECONDS}))
        }
        // LINE ends it by itself.
        What::Typing(_) => return Step::Done(Outcome::Accepted(Accepted::default())),
        What::MarkRead(_)
        | What::Message(_)
        | What::Edit(_)
        | What::Delete(_)
        | What::React(_)
        | What::CommentReply(_)
        | What::HideComment(_) => match sending.options.get(MARK_AS_READ_TOKEN) {
            Some(token) => ("/v2/bot/chat/markAsRead", json!({"markAsReadToken": token})),
            None => return Step::Done(Failure::permanent(SendReason::TargetInvalid, None)),
        },
    };
    let Some(answer) = answers.first() else { return Step::Call(post(api_url, path, body, Effect::Keyed)) };
    let read = answer.to_call(Effect::Keyed).map_err(Ended::As).and_then(|reply| errors::read(reply, Effect::Keyed));
    Step::Done(match read {
        Ok(_) => Outcome::Accepted(Accepted::default()),
        Err(Ended::As(outcome)) => outcome,
        Err(Ended::TokenSpent) => Failure::permanent(SendReason::TargetInvalid, None),
    })
}
