//! Messenger's own rules of fitting, around those of all channels.

use connector_meta::send::{action, arrange, comment, permit::Asked, template::LONGEST_BUTTON_TEXT};
use connector_sdk::outbound::{self as sdk, Order, Planned, Refusal};
use kenh_proto::v1::{Message, SendReason, outbound_action::What};

use super::{
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
            comment::check_id(&reply.provider_comment_id)?;
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
        What::React(reaction) => recipient::person(order.to).and_then(|_| action::check_reaction(reaction)),
        What::Typing(_) | What::MarkRead(_) => recipient::person(order.to).map(drop),
        What::Message(_) | What::Edit(_) | What::CommentReply(_) | What::HideComment(_) | What::Delete(_) => {
            comment::check(what)
        }
    }
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
    Case { to, message, asked: Asked { role, purpose, window } }.permit()?;
    if let Some(template) = utility::of(message) {
        utility::check(message, template)?;
    }
    let joined = arrange::with_buttons(message, LONGEST_BUTTON_TEXT);
    let moved = joined.is_some();
    let what = What::Message(joined.unwrap_or_else(|| message.clone()));
    let mut planned = sdk::plan_where(&capabilities::all(), &Order { what: &what, ..*order }, &arrange::fits)?;
    if moved {
        arrange::note_moved(&mut planned);
    }
    check_options(order)?;
    arrange::choices_last(&mut planned)?;
    Ok(planned)
}
