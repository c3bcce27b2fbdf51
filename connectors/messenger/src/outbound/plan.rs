//! Messenger's own rules of fitting, around those of all channels.

use std::borrow::Cow;

use connector_sdk::outbound::{self as sdk, Order, Planned, Refusal};
use kenh_proto::v1::{Fidelity, Message, PartPlan, React, ReactionAction, SendReason, delete, outbound_action::What};

use super::{
    arrange,
    capabilities::{self, NOTIFICATION_TYPE, PERSONA_ID, REUSABLE},
    permit::Case,
    recipient, utility,
};

/// What an option may be.
const OPTION_VALUES: &[(&str, &[&str])] =
    &[(NOTIFICATION_TYPE, &["REGULAR", "SILENT_PUSH", "NO_PUSH"]), (REUSABLE, &["true", "false"])];

/// Fits an action to Messenger.
pub(super) fn plan(order: &Order<'_>) -> Result<Planned, Refusal> {
    match order.what {
        What::Message(message) => self::message(order, message),
        What::CommentReply(reply) => {
            recipient::target(&reply.provider_comment_id)?;
            sdk::plan(&capabilities::public(), order)
        }
        What::Edit(_)
        | What::Delete(_)
        | What::React(_)
        | What::Typing(_)
        | What::MarkRead(_)
        | What::HideComment(_) => {
            let planned = sdk::plan(&capabilities::all(), order)?;
            check_action(order, order.what)?;
            check_options(order)?;
            Ok(planned)
        }
    }
}

fn check_action(order: &Order<'_>, what: &What) -> Result<(), Refusal> {
    match what {
        What::HideComment(hiding) => recipient::target(&hiding.provider_comment_id),
        What::Delete(deletion) => match &deletion.what {
            Some(delete::What::ProviderCommentId(id)) => recipient::target(id),
            Some(delete::What::ProviderMessageId(_)) | None => Ok(()),
        },
        What::React(reaction) => recipient::person(order.to).and_then(|_| check_reaction(reaction)),
        What::Typing(_) | What::MarkRead(_) => recipient::person(order.to).map(drop),
        What::Message(_) | What::Edit(_) | What::CommentReply(_) => Ok(()),
    }
}

fn check_reaction(reaction: &React) -> Result<(), Refusal> {
    if reaction.provider_message_id.is_empty() {
        return Err(Refusal::new(SendReason::TargetInvalid, "name the message reacted to"));
    }
    if reaction.action() != ReactionAction::Removed && reaction.reaction.is_empty() {
        return Err(Refusal::new(SendReason::ContentInvalid, "a reaction needs its emoji"));
    }
    Ok(())
}

fn check_options(order: &Order<'_>) -> Result<(), Refusal> {
    for (name, values) in OPTION_VALUES {
        if order.options.get(*name).is_some_and(|value| !values.contains(&value.as_str())) {
            let advice = format!("the option {name} is one of: {}", values.join(", "));
            return Err(Refusal::new(SendReason::ContentInvalid, advice));
        }
    }
    if order.options.get(PERSONA_ID).is_some_and(String::is_empty) {
        return Err(Refusal::new(SendReason::ContentInvalid, "the option persona_id is the id of a persona"));
    }
    Ok(())
}

fn message(order: &Order<'_>, message: &Message) -> Result<Planned, Refusal> {
    recipient::of(order.to)?;
    let Order { to, role, purpose, window, .. } = *order;
    Case { to, message, role, purpose, window }.permit()?;
    if let Some(template) = utility::of(message) {
        utility::check(message, template)?;
    }
    let joined = arrange::with_buttons(message);
    let what = What::Message(joined.as_ref().clone());
    let mut planned = sdk::plan_where(&capabilities::all(), &Order { what: &what, ..*order }, &arrange::fits)?;
    if matches!(joined, Cow::Owned(_)) {
        let text = PartPlan { part: None, fidelity: Fidelity::Native.into(), code: None };
        planned.parts.insert(0, text);
    }
    check_options(order)?;
    arrange::choices_last(&mut planned)?;
    Ok(planned)
}
