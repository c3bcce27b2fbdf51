//! People. Their ids are the same for every bot, so they need no scope.

use connector_sdk::Event;
use kenh_proto::v1::{ActorRole, Direction, Identity};

use crate::wire::{Chat, User};

/// The scheme of people's ids.
pub(crate) const USER: &str = "telegram_user_id";
/// The scheme of groups and channels, which write and react too.
pub(crate) const CHAT: &str = "telegram_chat_id";

/// The contact did it.
pub(super) fn by(event: Event, user: &User) -> Event {
    known(event, user).direction(Direction::Inbound).actor(ActorRole::Contact, user.id.get())
}

/// A group or channel did it: an administrator who does not want to be named, or a channel that writes in a group.
pub(super) fn by_chat(event: Event, chat: &Chat) -> Event {
    let event = match chat.id.get() {
        Some(id) => event.identity(CHAT, id, None),
        None => event,
    };
    let mut event = event.direction(Direction::Inbound).actor(ActorRole::Contact, chat.id.get());
    if let Some(contact) = &mut event.envelope.contact {
        contact.display_name = chat.title.0.get().map(Into::into);
    }
    event
}

/// Adds a person as the contact.
pub(super) fn known(event: Event, user: &User) -> Event {
    let Some(id) = user.id.get() else { return event };
    let event = event.identity(USER, id, None);
    let mut event = match user.username.0.get() {
        Some(name) => event.identity("telegram_username", name, None),
        None => event,
    };
    if let Some(contact) = &mut event.envelope.contact {
        contact.display_name = full_name(user.first_name.0.get(), user.last_name.0.get());
        contact.locale = user.language_code.0.get().map(Into::into);
    }
    event
}

/// The person whom a private chat is with.
pub(super) fn partner(chat: &Chat) -> User {
    User {
        id: chat.id.clone(),
        first_name: chat.first_name.clone(),
        last_name: chat.last_name.clone(),
        username: chat.username.clone(),
        ..User::default()
    }
}

/// A person as a member of something.
pub(super) fn member(user: &User) -> Option<Identity> {
    let value = user.id.get()?.to_owned();
    Some(Identity { scheme: USER.into(), value, scope: None, verified: true })
}

/// Both names, as far as there are any.
pub(super) fn full_name(first: Option<&str>, last: Option<&str>) -> Option<String> {
    let names: Vec<_> = [first, last].into_iter().flatten().collect();
    (!names.is_empty()).then(|| names.join(" "))
}
