//! What people allow, and what becomes known of them.

use std::collections::HashMap;

use connector_meta::key::{fingerprint, key, moment};
use connector_sdk::{
    Event,
    json::{Parsed, Word},
    time::Epoch,
};
use kenh_proto::v1::{ContactUpdate, Direction, SubscriptionAction, SubscriptionChange, envelope::Payload};

use super::{
    element::Element,
    person::{PARENT_USER_ID, Person, USER_ID},
    subject::Subject,
    system::identity,
};
use crate::wire::{Preference, SyncedContact, UserIdUpdate};

/// An item of `user_preferences`: marketing is refused or allowed again.
pub(super) fn preference(element: &Element<'_>) -> Vec<Event> {
    let Parsed { value: preference, degraded } = match element.read::<Preference>() {
        Ok(preference) => preference,
        Err(events) => return events,
    };
    let person = Person::of(element.place, preference.wa_id, preference.user_id, Word::default());
    let subject = subject(element, person, Direction::Inbound, preference.timestamp, degraded);
    let value = preference.value.get().unwrap_or_default();
    let action = match value {
        "stop" => SubscriptionAction::OptedOut,
        "resume" => SubscriptionAction::OptedIn,
        _ => return vec![subject.unsupported(None, "unknown_event")],
    };
    let topic = preference.category.into_option();
    let key = own_key(&subject, "user_preferences", &[topic.as_deref().unwrap_or_default(), value]);
    let change = SubscriptionChange { action: action.into(), topic, ..SubscriptionChange::default() };
    vec![subject.event(key, Payload::SubscriptionChange(change))]
}

/// An item of `user_id_update`: a person has a new id. The envelope's contact is who they were before.
pub(super) fn renamed(element: &Element<'_>) -> Vec<Event> {
    let Parsed { value: update, degraded } = match element.read::<UserIdUpdate>() {
        Ok(update) => update,
        Err(events) => return events,
    };
    let (user_id, parent) = (update.user_id.0, update.parent_user_id.0);
    let person = Person::of(element.place, update.wa_id, user_id.previous, parent.previous);
    let subject = subject(element, person, Direction::System, update.timestamp, degraded);
    let Some(current) = user_id.current.into_option() else {
        return vec![subject.unsupported(None, "unexpected_shape")];
    };
    let key = own_key(&subject, "user_id_update", &[&current]);
    let scope = element.place.scope();
    let ids = [identity(USER_ID, Some(current), scope), identity(PARENT_USER_ID, parent.current.into_option(), scope)];
    let update = ContactUpdate { members: ids.into_iter().flatten().collect(), ..ContactUpdate::default() };
    vec![subject.event(key, Payload::ContactUpdate(update))]
}

/// An item of `state_sync`: the address book of the business's own app changed.
pub(super) fn synced(element: &Element<'_>) -> Vec<Event> {
    let Parsed { value: synced, degraded } = match element.read::<SyncedContact>() {
        Ok(synced) => synced,
        Err(events) => return events,
    };
    let contact = synced.contact.0;
    let phone = contact.phone_number.get().map(String::from);
    let person = Person::of(element.place, contact.phone_number, Word::default(), Word::default());
    let subject = subject(element, person, Direction::System, synced.metadata.0.timestamp, degraded);
    let (Some("contact"), Some(action @ ("add" | "remove"))) = (synced.kind.get(), synced.action.get()) else {
        return vec![subject.unsupported(synced.kind.get(), "unknown_event")];
    };
    let key = own_key(&subject, "state_sync", &[action]);
    let name = contact.full_name.into_option().or(contact.first_name.into_option());
    let fields = [("name", name), ("phone", phone), ("address_book", Some(action.into()))];
    let fields = fields.into_iter().filter_map(|(name, value)| Some((name.into(), value?)));
    let update = ContactUpdate { fields: fields.collect::<HashMap<_, _>>(), ..ContactUpdate::default() };
    vec![subject.event(key, Payload::ContactUpdate(update))]
}

fn subject<'a>(
    element: &'a Element<'a>,
    person: Option<Person>,
    direction: Direction,
    stated: Option<Epoch>,
    mended: Option<&'static str>,
) -> Subject<'a> {
    let (at, range) = element.moment(stated);
    Subject { element, person, group: None, direction, at, degraded: mended.into_iter().chain(range).collect() }
}

/// Who, when, what; the bytes tell apart what happens in one second.
fn own_key(subject: &Subject<'_>, kind: &str, parts: &[&str]) -> String {
    let who = subject.person.as_ref().and_then(Person::id).unwrap_or_default();
    let (at, raw) = (moment(subject.at, subject.element.raw), fingerprint(subject.element.raw));
    key(kind, &[&[who], parts, &[&at, &raw]].concat())
}
