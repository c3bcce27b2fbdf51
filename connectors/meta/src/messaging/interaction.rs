//! What people do other than writing: react, tap, come back through a link, link their account.

use std::collections::HashMap;

use connector_sdk::Event;
use kenh_proto::v1::{Action, ActionKind, Reaction, ReactionAction, Target, envelope::Payload};

use super::{referral, subject::Subject};
use crate::{key::fingerprint, wire};

/// A reaction to a message. Withdrawing one opens no window.
pub(super) fn reaction(subject: &Subject<'_>, reaction: wire::Reaction) -> Event {
    let word = reaction.action.0.unwrap_or_default();
    let action = match word.as_str() {
        "react" => ReactionAction::Added,
        "unreact" => ReactionAction::Removed,
        _ => return subject.unsupported(Some("reaction"), "unknown_event"),
    };
    let key = subject.key("reaction", &[reaction.mid.0.as_deref().unwrap_or_default(), &word, &subject.moment()]);
    let payload = Payload::Reaction(Reaction { action: action.into(), code: reaction.code.0, emoji: reaction.emoji.0 });
    let event =
        if action == ReactionAction::Added { subject.interaction(key, payload) } else { subject.event(key, payload) };
    event.target(Target { provider_message_id: reaction.mid.0, ..Target::default() })
}

/// A button or menu entry. On standby its payload is kept from us.
pub(super) fn postback(subject: &Subject<'_>, postback: wire::Postback) -> Event {
    let key = if postback.mid.0.is_some() {
        subject.message_key("postback", postback.mid.0.as_deref())
    } else {
        let what = postback.payload.0.as_ref().or(postback.title.0.as_ref()).map_or("", String::as_str);
        subject.key("postback", &[&subject.moment(), &fingerprint(what.as_bytes())])
    };
    let action = Action {
        kind: ActionKind::Postback.into(),
        title: postback.title.0,
        payload: postback.payload.0,
        values: HashMap::new(),
    };
    let mut event = subject.interaction(key, Payload::Action(action));
    event.envelope.provider_message_id = postback.mid.0;
    event.envelope.referral = postback.referral.and_then(referral::of);
    event
}

/// A thread that exists was opened through a link, code or advertisement; a new one gives a postback instead.
pub(super) fn referral(subject: &Subject<'_>, referral: wire::Referral) -> Event {
    let reference = referral.reference.0.clone();
    let key = subject
        .key("referral", &[&subject.moment(), &fingerprint(reference.as_deref().unwrap_or_default().as_bytes())]);
    let action = Action { kind: ActionKind::OpenChat.into(), payload: reference, ..Action::default() };
    let mut event = subject.interaction(key, Payload::Action(action));
    event.envelope.referral = referral::of(referral);
    event
}

/// An account of the business's own was linked or unlinked.
pub(super) fn account_linking(subject: &Subject<'_>, linking: wire::AccountLinking) -> Event {
    let status = linking.status.0.unwrap_or_default();
    if !matches!(status.as_str(), "linked" | "unlinked") {
        return subject.unsupported(Some("account_linking"), "unknown_event");
    }
    let key = subject.key("account_linking", &[&status, &subject.moment()]);
    let action = Action {
        kind: ActionKind::AccountLink.into(),
        title: None,
        payload: linking.authorization_code.0,
        values: HashMap::from([("status".into(), status)]),
    };
    subject.event(key, Payload::Action(action))
}
