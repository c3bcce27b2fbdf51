//! Who acted towards whom, and where.

use connector_sdk::{
    Event, Malformed,
    json::{self, Raw, Word},
};
use kenh_proto::v1::{ActorRole, ConversationKind, Direction};
use serde::Deserialize;

use super::{
    item::{Item, wrong},
    payload::Kind,
};

/// The customer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Contact {
    #[serde(default)]
    id: Word,
    #[serde(default)]
    scheme: Word,
    #[serde(default)]
    scope: Word,
    #[serde(default)]
    name: Word,
    #[serde(default)]
    locale: Word,
    #[serde(default)]
    avatar: Word,
    #[serde(default)]
    identities: Option<Vec<Identity>>,
}

/// A further id of theirs.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Identity {
    scheme: Word,
    id: Word,
    #[serde(default)]
    scope: Word,
}

/// Who did it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Actor {
    role: Word,
    #[serde(default)]
    id: Word,
    #[serde(default)]
    name: Word,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Conversation {
    id: Word,
    #[serde(default)]
    kind: Word,
    #[serde(default)]
    title: Word,
    #[serde(default)]
    parent: Word,
}

/// The scheme of an id for which the program names none.
const SCHEME: &str = "external_id";
/// Schemes whose ids are unique in the world; all others are within the account.
const WORLDWIDE: &[&str] = &["phone", "email"];

const DIRECTIONS: &[(&str, Direction)] =
    &[("inbound", Direction::Inbound), ("echo", Direction::Echo), ("system", Direction::System)];

const CONVERSATIONS: &[(&str, ConversationKind)] = &[
    ("direct", ConversationKind::Direct),
    ("group", ConversationKind::Group),
    ("public_post", ConversationKind::PublicPost),
    ("call", ConversationKind::Call),
];

const ROLES: &[(&str, ActorRole)] = &[
    ("contact", ActorRole::Contact),
    ("agent", ActorRole::Agent),
    ("bot", ActorRole::Bot),
    ("system", ActorRole::System),
];

/// Adds direction, contact, conversation and actor to an event.
pub(super) fn into(mut event: Event, kind: Kind, item: &Item, account: &str) -> Result<Event, Malformed> {
    let direction = match item.direction.get() {
        None => kind.direction(),
        Some(word) => named(DIRECTIONS, word).ok_or_else(|| wrong("direction: expected inbound, echo or system"))?,
    };
    event = event.direction(direction);
    let mut contact_id = None;
    if let Some(contact) = &item.contact {
        let id = contact.id.required("contact.id")?;
        event = identified(event, contact.scheme.get(), id, contact.scope.get(), account);
        for identity in contact.identities.iter().flatten() {
            let (scheme, id) = (identity.scheme.required("scheme")?, identity.id.required("id")?);
            event = identified(event, Some(scheme), id, identity.scope.get(), account);
        }
        let drafted = event.envelope.contact.get_or_insert_default();
        drafted.display_name = contact.name.get().map(Into::into);
        drafted.locale = contact.locale.get().map(Into::into);
        drafted.avatar = contact.avatar.get().map(Into::into);
        contact_id = Some(id);
    }
    event = match (&item.conversation, contact_id) {
        (Some(raw), _) => conversation(event, raw)?,
        (None, Some(id)) => event.conversation(ConversationKind::Direct, id),
        (None, None) if kind.needs_conversation() => {
            return Err(wrong("contact: missing, and there is no conversation either"));
        }
        (None, None) => event,
    };
    match &item.actor {
        Some(actor) => {
            let role = named(ROLES, actor.role.required("actor.role")?);
            let role = role.ok_or_else(|| wrong("actor.role: expected contact, agent, bot or system"))?;
            event = event.actor(role, actor.id.get());
            if let Some(drafted) = &mut event.envelope.actor {
                drafted.display_name = actor.name.get().map(Into::into);
            }
        }
        None if direction == Direction::Inbound && contact_id.is_some() => {
            event = event.actor(ActorRole::Contact, contact_id);
        }
        None => {}
    }
    Ok(event)
}

fn identified(event: Event, scheme: Option<&str>, id: &str, scope: Option<&str>, account: &str) -> Event {
    let scheme = scheme.unwrap_or(SCHEME);
    let scope = scope.or_else(|| (!WORLDWIDE.contains(&scheme)).then_some(account));
    event.identity(scheme, id, scope)
}

/// An id, or an object with it.
fn conversation(event: Event, raw: &Raw) -> Result<Event, Malformed> {
    if let Ok(id) = serde_json::from_str::<Word>(raw.get())
        && let Some(id) = id.get()
    {
        return Ok(event.conversation(ConversationKind::Direct, id));
    }
    let conversation: Conversation = json::object(raw.get().as_bytes())?.value;
    let kind = conversation.kind.get().unwrap_or("direct");
    let kind = named(CONVERSATIONS, kind)
        .ok_or_else(|| wrong("conversation.kind: expected direct, group, public_post or call"))?;
    let mut event = event.conversation(kind, conversation.id.required("conversation.id")?);
    if let Some(drafted) = &mut event.envelope.conversation {
        drafted.title = conversation.title.into_option();
        drafted.parent = conversation.parent.into_option();
    }
    Ok(event)
}

fn named<T: Copy>(table: &[(&str, T)], word: &str) -> Option<T> {
    table.iter().find(|(name, _)| *name == word).map(|(_, value)| *value)
}
