//! Answers to surveys, and judgements of automatic answers.

use connector_sdk::{
    Event,
    json::{self, Raw},
};
use kenh_proto::v1::{Feedback, FeedbackKind, Target, envelope::Payload};

use super::subject::Subject;
use crate::wire::{self, Question};

/// Question types, and whether their answer is a number.
const QUESTIONS: &[(&str, FeedbackKind, bool)] = &[
    ("csat", FeedbackKind::Csat, true),
    ("nps", FeedbackKind::Nps, true),
    ("ces", FeedbackKind::Ces, true),
    ("free_form", FeedbackKind::FreeForm, false),
];

/// One event for each question.
pub(super) fn survey(subject: &Subject<'_>, survey: wire::MessagingFeedback) -> Vec<Event> {
    let mut events = Vec::new();
    for (place, screen) in survey.feedback_screens.into_iter().flatten().enumerate() {
        let name = screen.screen_id.into_option().unwrap_or_else(|| place.to_string());
        for (id, question) in screen.questions.into_iter().flatten() {
            let key = subject.key("messaging_feedback", &[&subject.moment(), &name, &id]);
            events.push(answer(subject, key, id, &question));
        }
    }
    if events.is_empty() {
        events.push(subject.unsupported(Some("messaging_feedback"), "unexpected_shape"));
    }
    events
}

fn answer(subject: &Subject<'_>, key: String, id: String, raw: &Raw) -> Event {
    let untyped = |reason| {
        let mut event = subject.unsupported(Some("messaging_feedback"), reason);
        // The digest of the item would be shared with its other questions.
        event.envelope.dedupe_key.clone_from(&key);
        event
    };
    let question = match json::object::<Question>(raw.get().as_bytes()) {
        Ok(question) => question,
        Err(error) => return untyped(error.reason),
    };
    let Question { kind, payload, follow_up } = question.value;
    let Some((_, kind, is_number)) = QUESTIONS.iter().find(|(word, ..)| kind.0.as_deref() == Some(word)) else {
        return untyped("unknown_event");
    };
    let follow_up = follow_up.and_then(|follow_up| follow_up.payload.0);
    let mut feedback = Feedback { kind: (*kind).into(), question_id: Some(id), ..Feedback::default() };
    let mut degraded = question.degraded;
    if *is_number {
        let number = payload.get().and_then(|text| text.trim().parse().ok());
        feedback.score = number.filter(|number: &f64| number.is_finite());
        if let (None, Some(words)) = (feedback.score, payload.into_option()) {
            degraded = Some("score_format");
            feedback.choices = vec![words];
        }
        feedback.comment = follow_up;
    } else {
        feedback.comment = payload.into_option().or(follow_up);
    }
    subject.event(key, Payload::Feedback(feedback)).degraded(degraded)
}

/// Thumbs up or down for an answer.
pub(super) fn response(subject: &Subject<'_>, judgement: wire::ResponseFeedback) -> Event {
    let mid = judgement.mid.0;
    let key = subject.key("response_feedback", &[mid.as_deref().unwrap_or_default(), &subject.moment()]);
    let feedback = Feedback {
        kind: FeedbackKind::Response.into(),
        choices: judgement.feedback.0.into_iter().collect(),
        ..Feedback::default()
    };
    subject.event(key, Payload::Feedback(feedback)).target(Target { provider_message_id: mid, ..Target::default() })
}
