//! What people do with template messages sent to their phone number.

use connector_sdk::{Batch, Malformed, json::Number, time::Epoch};
use kenh_proto::v1::{Action, ActionKind, Feedback, FeedbackKind, Target, envelope::Payload};

use super::item::{Item, by_contact};
use crate::{
    tracking,
    wire::{ButtonBody, FeedbackBody, Word, missing},
};

/// What was asked, by `rating_type`.
const RATINGS: &[(&str, FeedbackKind)] =
    &[("csat", FeedbackKind::Csat), ("nps", FeedbackKind::Nps), ("ces", FeedbackKind::Ces)];

/// `user_feedback`.
pub(super) fn feedback(item: &Item<'_>, body: FeedbackBody) -> Result<Batch, Malformed> {
    let rating = body.message;
    let id = rating.msg_id.required("message.msg_id")?.to_owned();
    let asked = rating.kind.0.into_option();
    let kind = RATINGS.iter().find(|(name, _)| asked.as_deref().is_some_and(|asked| asked.eq_ignore_ascii_case(name)));
    let feedback = Feedback {
        kind: kind.map_or(FeedbackKind::Unspecified, |(_, kind)| *kind).into(),
        score: rating.rate.0.map(Number::get),
        comment: rating.note.into_option(),
        choices: rating.feedbacks.0,
        submitted_at: rating.submit_time.epoch.and_then(Epoch::timestamp),
        ..Feedback::default()
    };
    let key = item.key(&[&id, &rating.submit_time.literal]);
    let event = item.event(key, Payload::Feedback(feedback)).target(template(id, &rating.tracking_id));
    Ok(by_contact(event, None).into())
}

/// `user_click_response_button`.
pub(super) fn button(item: &Item<'_>, body: ButtonBody) -> Result<Batch, Malformed> {
    let button = body.message;
    let id = body.msg_id.into_option().or_else(|| button.msg_id.into_option()).ok_or_else(|| missing("msg_id"))?;
    let action = Action {
        kind: ActionKind::TemplateButton.into(),
        payload: button.data.into_option(),
        values: button.kind.0.into_option().map(|kind| ("button_type".into(), kind)).into_iter().collect(),
        ..Action::default()
    };
    let key = item.key(&[&id, &button.submit_time.literal]);
    let event = item.event(key, Payload::Action(action)).target(template(id, &button.tracking_id));
    Ok(by_contact(event, None).into())
}

/// The template message; the body names no user, so this is what tells whose answer it is.
fn template(id: String, tracking_id: &Word) -> Target {
    Target {
        provider_message_id: Some(id),
        client_reference: tracking_id.get().map(tracking::reference),
        ..Target::default()
    }
}
