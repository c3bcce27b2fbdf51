//! Reactions of the account to a user's message.

use connector_sdk::outbound::{Answer, Step};
use kenh_proto::v1::{React, ReactionAction};
use serde_json::json;

use super::{
    call::Caller,
    errors::Api,
    recipient::Recipient,
    reply::{self, Asked},
};
use crate::icons;

/// The next step of a reaction.
pub(super) fn step(caller: Caller<'_>, to: &Recipient<'_>, react: &React, answers: &[Answer]) -> Step {
    if let Some(answer) = answers.first() {
        let asked = Asked { api: Api::Oa, charges: false, own_upload: false };
        return Step::Done(reply::ended(asked, answer, caller.sending));
    }
    let icon = match react.action() {
        ReactionAction::Removed => icons::REMOVE,
        // Zalo's list of icons is not published whole: what is no known emoji is passed on as it is.
        ReactionAction::Added | ReactionAction::Unspecified => icons::icon(&react.reaction).unwrap_or(&react.reaction),
    };
    let action = json!({"react_icon": icon, "react_message_id": react.provider_message_id});
    Step::Call(caller.message("/v2.0/oa/message", json!({"recipient": to.named(), "sender_action": action})))
}
