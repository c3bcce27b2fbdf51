//! Who a person is. Numbers are no longer certain: people with a user name may hide theirs, and are known by an id within
//! the business. Where that is there it comes first, and the number stays beside it.

use connector_sdk::{Event, json::Word};

use super::element::Place;
use crate::wire::Contact;

/// The schemes of ids.
pub(crate) const USER_ID: &str = "whatsapp_user_id";
pub(crate) const PARENT_USER_ID: &str = "whatsapp_parent_user_id";
pub(crate) const NUMBER: &str = "wa_id";
const USERNAME: &str = "whatsapp_username";

/// A person, by one id at least.
#[derive(Default)]
pub(super) struct Person {
    user_id: Option<String>,
    number: Option<String>,
    parent_user_id: Option<String>,
    username: Option<String>,
    name: Option<String>,
}

impl Person {
    /// Of the ids beside an item, and of what the value says of their owner.
    pub(super) fn of(place: &Place<'_>, number: Word, user_id: Word, parent: Word) -> Option<Self> {
        let mut person = Self::bare(number, user_id, parent);
        let known = place.contacts.iter().map(Self::named).find(|contact| contact.is(&person));
        let nobody = person.id().is_none();
        let known = known.or_else(|| match place.contacts.as_slice() {
            [only] if nobody => Some(Self::named(only)),
            _ => None,
        });
        if let Some(known) = known {
            person = Self {
                user_id: person.user_id.or(known.user_id),
                number: person.number.or(known.number),
                parent_user_id: person.parent_user_id.or(known.parent_user_id),
                ..known
            };
        }
        person.id().is_some().then_some(person)
    }

    /// Of a contact of the value.
    pub(super) fn named(contact: &Contact) -> Self {
        let profile = &contact.profile.0;
        let username = profile.username.get().map(|name| name.trim_start_matches('@').into());
        Self {
            username: username.filter(|name: &String| !name.is_empty()),
            name: profile.name.get().map(Into::into),
            ..Self::bare(contact.wa_id.clone(), contact.user_id.clone(), contact.parent_user_id.clone())
        }
    }

    fn bare(number: Word, user_id: Word, parent: Word) -> Self {
        // Some payloads have the id where the number belongs.
        let (number, misplaced) = match number.into_option() {
            Some(id) if is_user_id(&id) => (None, Some(id)),
            number => (number, None),
        };
        let (user_id, parent_user_id) = (user_id.into_option().or(misplaced), parent.into_option());
        Self { user_id, number, parent_user_id, ..Self::default() }
    }

    fn is(&self, other: &Self) -> bool {
        let same = |one: &Option<String>, other: &Option<String>| one.is_some() && one == other;
        same(&self.user_id, &other.user_id) || same(&self.number, &other.number)
    }

    /// The id that stands for the person.
    pub(super) fn id(&self) -> Option<&str> {
        self.user_id.as_deref().or(self.number.as_deref())
    }

    /// Puts the ids and the name into an event, the id that is answered to first.
    pub(super) fn identify(&self, mut event: Event, scope: Option<&str>) -> Event {
        let scoped = [(USER_ID, &self.user_id, scope), (NUMBER, &self.number, None)];
        let further = [(PARENT_USER_ID, &self.parent_user_id, scope), (USERNAME, &self.username, None)];
        for (scheme, id, scope) in scoped.into_iter().chain(further) {
            if let Some(id) = id {
                event = event.identity(scheme, id, scope);
            }
        }
        if self.name.is_some() {
            event.envelope.contact.get_or_insert_default().display_name.clone_from(&self.name);
        }
        event
    }
}

/// Two letters of a country and a dot.
fn is_user_id(id: &str) -> bool {
    let country = id.split_once('.').map(|(country, _)| country.as_bytes());
    country.is_some_and(|country| country.len() == 2 && country.iter().all(u8::is_ascii_alphabetic))
}
