//! Slash commands: a web form.

use std::{borrow::Cow, collections::HashMap};

use connector_sdk::{Event, address::is_web, digest_key};
use kenh_proto::v1::{Action, ActionKind, ActorRole, Direction, envelope::Payload};

use super::{item::USER, place::placed};

/// `/command text`, as typed by a person.
pub(super) fn read(raw: &[u8]) -> Event {
    let fields: HashMap<Cow<'_, str>, Cow<'_, str>> = form_urlencoded::parse(raw).collect();
    let field = |name: &str| fields.get(name).map(AsRef::as_ref).filter(|value| !value.is_empty());
    let team = field("team_id");
    let address = field("response_url").filter(|url| is_web(url));
    let action = Action {
        kind: ActionKind::Postback.into(),
        title: field("command").map(Into::into),
        payload: field("text").map(Into::into),
        values: address.map(|url| ("response_url".to_owned(), url.to_owned())).into_iter().collect(),
    };
    let key = field("trigger_id").map_or_else(|| digest_key(raw), |trigger| format!("command:{trigger}"));
    let user = field("user_id");
    let mut event = Event::new(team, key, raw, Payload::Action(action));
    event = event.direction(Direction::Inbound).actor(ActorRole::Contact, user);
    if let Some(user) = user {
        event = event.identity(USER, user, team);
        event.envelope.contact.get_or_insert_default().display_name = field("user_name").map(Into::into);
    }
    placed(event, field("channel_id"))
}
