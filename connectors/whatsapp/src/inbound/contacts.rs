//! Contacts: those sent in a message, and those a value names without anything having happened.

use std::collections::BTreeMap;

use connector_meta::key::{fingerprint, key, moment};
use connector_sdk::{
    Event,
    json::{self, Raw, Soft, Word},
    time::Epoch,
};
use kenh_proto::v1::{ContactCard, ContactUpdate, ConversationKind, Direction, envelope::Payload};

use super::{element::Place, person::Person};
use crate::wire::Card;

type Members = Soft<BTreeMap<String, Word>>;

/// Contact cards, and what of them could not be taken over.
pub(super) fn cards(raw: &[Raw]) -> (Vec<ContactCard>, Vec<&'static str>) {
    let mut degraded = Vec::new();
    let mut cards = Vec::new();
    for raw in raw {
        match json::object::<Card>(raw.get().as_bytes()) {
            Ok(card) => cards.push(of(&card.value)),
            Err(_) if degraded.is_empty() => degraded.push("contact_shape"),
            Err(_) => {}
        }
    }
    (cards, degraded)
}

fn of(card: &Card) -> ContactCard {
    let vcard = card.vcard.get().unwrap_or_default();
    let named = ["formatted_name", "first_name"].into_iter().find_map(|member| card.name.0.get(member)?.get());
    let in_vcard = || vcard.lines().find_map(|line| line.trim_end().strip_prefix("FN:"));
    let phone = |phone: &Members| phone.0.get("phone").or_else(|| phone.0.get("wa_id"))?.get().map(String::from);
    let member = |name: &'static str| move |entry: &Members| entry.0.get(name)?.get().map(String::from);
    ContactCard {
        name: named.or_else(in_vcard).map(Into::into),
        phones: card.phones.0.iter().filter_map(phone).collect(),
        emails: card.emails.0.iter().filter_map(member("email")).collect(),
        url: card.urls.0.iter().find_map(member("url")).filter(|url| connector_sdk::address::is_web(url)),
        ..ContactCard::default()
    }
}

/// What a value says of people when it says nothing else.
pub(super) fn events(place: &Place<'_>) -> Vec<Event> {
    let at = place.item.time.and_then(Epoch::timestamp);
    let event = |person: Person| {
        let id = person.id()?.to_owned();
        let key = key("contact", &[&id, &moment(at, place.item.raw), &fingerprint(place.item.raw)]);
        let event = place.event(key, place.item.raw, Payload::ContactUpdate(ContactUpdate::default()));
        let event = event.direction(Direction::System).conversation(ConversationKind::Direct, id).occurred_at(at);
        Some(person.identify(event, place.scope()))
    };
    place.contacts.iter().map(Person::named).filter_map(event).collect()
}
