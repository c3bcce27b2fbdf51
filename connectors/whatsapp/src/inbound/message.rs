//! Messages: received, echoed from the business's own app, changed, taken back.

use connector_sdk::{
    Event,
    json::{self, Parsed, Word},
};
use kenh_proto::v1::{
    Direction, Message, MessageDeleted, MessageEdited, Product, Quote, Reaction, ReactionAction, Referral,
    envelope::Payload,
};

use super::{
    content::{self, Content},
    element::Element,
    person::Person,
    subject::{Subject, target},
    system, tap,
};
use crate::wire::{self, Body, Head};

/// An item of `messages`.
pub(super) fn received(element: &Element<'_>) -> Vec<Event> {
    written(element, Direction::Inbound, |head| {
        let Head { from, from_user_id, from_parent_user_id, .. } = head;
        Person::of(element.place, from.clone(), from_user_id.clone(), from_parent_user_id.clone())
    })
}

/// An item of `message_echoes`.
pub(super) fn echoed(element: &Element<'_>) -> Vec<Event> {
    written(element, Direction::Echo, |head| {
        Person::of(element.place, head.to.clone(), head.to_user_id.clone(), Word::default())
    })
}

/// A message in any list; `person` says whose thread it is in.
pub(super) fn written(
    element: &Element<'_>,
    direction: Direction,
    person: impl FnOnce(&Head) -> Option<Person>,
) -> Vec<Event> {
    let Parsed { value: head, degraded } = match element.read::<Head>() {
        Ok(head) => head,
        Err(events) => return events,
    };
    let body = json::object::<Body>(element.raw);
    let degraded = degraded.or(body.as_ref().ok().and_then(|body| body.degraded));
    let (at, range) = element.moment(head.timestamp);
    let faulty = (!head.errors.0.is_empty()).then_some("channel_error");
    let subject = Subject {
        element,
        person: person(&head),
        group: head.group_id.get().map(Into::into),
        direction,
        at,
        degraded: degraded.into_iter().chain(range).collect(),
    };
    let event = match body {
        Ok(body) => happened(&subject, &head, body.value).degraded(faulty),
        Err(error) => subject.withheld(&head.id, "", error.reason, Some(element.detail(&error))),
    };
    vec![event]
}

fn happened(subject: &Subject<'_>, head: &Head, body: Body) -> Event {
    let kind = body.kind.get().unwrap_or_default().to_owned();
    match kind.as_str() {
        "interactive" => tap::interactive(subject, head, body.interactive.unwrap_or_default()),
        "button" => tap::button(subject, head, body.button.unwrap_or_default()),
        "request_welcome" => tap::opened(subject, head),
        "reaction" => reacted(subject, head, body.reaction.unwrap_or_default()),
        "edit" => edited(subject, head, body.edit.unwrap_or_default()),
        "revoke" => revoked(subject, head, body.revoke.unwrap_or_default()),
        "system" => system::event(subject, head, body.system.unwrap_or_default()),
        // With these WhatsApp says that it does not pass something on.
        "ephemeral" | "unknown" | "unsupported" => {
            let what = body.unsupported.0.kind.into_option();
            let code = head.errors.0.first().and_then(|fault| fault.0.code.get()).and_then(json::name);
            let detail = code.map(|code| format!("error {code}"));
            subject.withheld(&head.id, what.as_deref().unwrap_or(&kind), "unsupported_by_channel", detail)
        }
        _ => match content::of(body) {
            Some(content) if content.is_empty() => subject.withheld(&head.id, &kind, "no_content", None),
            Some(content) => message(subject, head, content),
            None => subject.withheld(&head.id, &kind, "unknown_event", None),
        },
    }
}

fn message(subject: &Subject<'_>, head: &Head, said: Content) -> Event {
    let context = &head.context.0;
    let answered = context.id.get().map(String::from);
    let product = context.referred_product.0.product_retailer_id.get();
    let payload = Message {
        text: said.text,
        parts: said.parts,
        quoted: answered.clone().map(|id| Quote {
            provider_message_id: id,
            is_self: context.from.get().and(head.from.get()).map(|from| context.from.get() == Some(from)),
            ..Quote::default()
        }),
        forwarded: context.forwarded.0 || context.frequently_forwarded.0,
        product: product.map(|id| Product { retailer_id: Some(id.into()), ..Product::default() }),
        ..Message::default()
    };
    let mut event = subject.interaction(subject.key("message", &head.id), Payload::Message(payload));
    event.envelope.provider_message_id = head.id.get().map(Into::into);
    event.envelope.referral =
        head.referral.0.as_ref().map(referral).filter(|referral| *referral != Referral::default());
    event.envelope.target = answered.map(|id| target(Some(id)));
    said.degraded.into_iter().fold(event, |event, code| event.degraded(Some(code)))
}

/// The advertisement or post through which somebody came. The click's id is what conversions are reported with.
fn referral(referral: &wire::Referral) -> Referral {
    let text = |word: &Word| word.get().map(String::from);
    let is_ad = referral.source_type.get() == Some("ad");
    Referral {
        source: text(&referral.source_type),
        r#ref: text(&referral.ctwa_clid),
        ad_id: text(&referral.source_id).filter(|_| is_ad),
        post_id: text(&referral.source_id).filter(|_| !is_ad),
        title: text(&referral.headline),
        url: referral.source_url.clone().into_url(),
        ..Referral::default()
    }
}

/// A reaction, or without an emoji the withdrawal of one.
fn reacted(subject: &Subject<'_>, head: &Head, reaction: wire::Reaction) -> Event {
    let Some(message) = reaction.message_id.into_option() else {
        return subject.withheld(&head.id, "reaction", "no_content", None);
    };
    let emoji = reaction.emoji.into_option();
    let action = if emoji.is_some() { ReactionAction::Added } else { ReactionAction::Removed };
    let payload = Payload::Reaction(Reaction { action: action.into(), emoji, code: None });
    subject.event(subject.key("reaction", &head.id), payload).target(target(Some(message)))
}

fn edited(subject: &Subject<'_>, head: &Head, edit: wire::Edit) -> Event {
    let (Some(message), Some(now)) = (edit.original_message_id.into_option(), edit.message) else {
        return subject.withheld(&head.id, "edit", "no_content", None);
    };
    let now = json::object::<Body>(now.get().as_bytes()).ok().and_then(|body| content::of(body.value));
    let Some(now) = now else { return subject.withheld(&head.id, "edit", "unknown_event", None) };
    let payload = MessageEdited { text: now.text, parts: now.parts, revision: None };
    let event = subject.event(subject.key("message_edit", &head.id), Payload::MessageEdited(payload));
    now.degraded.into_iter().fold(event, |event, code| event.degraded(Some(code))).target(target(Some(message)))
}

fn revoked(subject: &Subject<'_>, head: &Head, revoke: wire::Edit) -> Event {
    let Some(message) = revoke.original_message_id.into_option() else {
        return subject.withheld(&head.id, "revoke", "no_content", None);
    };
    let payload = Payload::MessageDeleted(MessageDeleted::default());
    subject.event(subject.key("message_revoke", &head.id), payload).target(target(Some(message)))
}
