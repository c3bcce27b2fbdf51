//! What WhatsApp tells of a person: a new number, a new id, a new device.

use std::collections::{BTreeMap, HashMap};

use connector_sdk::{
    Event,
    json::{self, Raw, Word},
};
use kenh_proto::v1::{ContactUpdate, Direction, Identity, envelope::Payload};

use super::{
    person::{NUMBER, PARENT_USER_ID, USER_ID},
    subject::Subject,
};
use crate::wire::{Head, System};

/// A message of the type `system`. The envelope's contact is who they were before.
pub(super) fn event(subject: &Subject<'_>, head: &Head, system: System) -> Event {
    let kind = system.kind.get().unwrap_or_default();
    let scope = subject.element.place.scope();
    let (members, fields) = match kind {
        "user_changed_number" | "customer_changed_number" => {
            let number = system.wa_id.into_option().or(system.new_wa_id.into_option());
            (vec![identity(NUMBER, number, None)], HashMap::new())
        }
        "user_changed_user_id" => {
            let ids = [(USER_ID, system.user_id), (PARENT_USER_ID, system.parent_user_id)];
            (ids.map(|(scheme, id)| identity(scheme, id.into_option(), scope)).into(), HashMap::new())
        }
        // The keys of the chat changed: another device, or somebody else.
        "customer_identity_changed" => {
            let hash = system.identity.and_then(|raw| hash(&raw)).map(|hash| ("identity".into(), hash));
            (Vec::new(), hash.into_iter().collect())
        }
        other => return subject.unsupported(Some(&format!("system.{other}")), "unknown_event"),
    };
    let members = members.into_iter().flatten().collect();
    let update = ContactUpdate { members, fields, ..ContactUpdate::default() };
    subject.event(subject.key("system", &head.id), Payload::ContactUpdate(update)).direction(Direction::System)
}

fn hash(identity: &Raw) -> Option<String> {
    let text = |raw: &Raw| serde_json::from_str::<Word>(raw.get()).ok()?.into_option();
    let object = || json::object::<BTreeMap<String, Raw>>(identity.get().as_bytes()).ok()?.value.remove("hash");
    text(identity).or_else(|| text(&object()?))
}

/// An id, where there is one.
pub(super) fn identity(scheme: &str, value: Option<String>, scope: Option<&str>) -> Option<Identity> {
    Some(Identity { scheme: scheme.into(), value: value?, scope: scope.map(Into::into), verified: true })
}

/// Both ids of somebody.
pub(super) fn identities(number: Word, user_id: Word, scope: Option<&str>) -> impl Iterator<Item = Identity> {
    let ids = [identity(USER_ID, user_id.into_option(), scope), identity(NUMBER, number.into_option(), None)];
    ids.into_iter().flatten()
}
