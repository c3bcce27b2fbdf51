//! What happens to a conversation: who comes and goes, names, beginning and end.

use connector_sdk::Event;
use kenh_proto::v1::{ConversationAction, ConversationEvent, Identity, envelope::Payload};

use super::item::{Item, USER};
use crate::wire::Person;

/// People of one activity at most.
const MOST_MEMBERS: usize = 500;

/// What Teams says of a place, and what that is.
const CHANGES: &[(&str, ConversationAction)] = &[
    ("channelCreated", ConversationAction::Started),
    ("channelRestored", ConversationAction::Started),
    ("teamRestored", ConversationAction::Started),
    ("teamUnarchived", ConversationAction::Started),
    ("channelRenamed", ConversationAction::SettingsChanged),
    ("teamRenamed", ConversationAction::SettingsChanged),
    ("channelDeleted", ConversationAction::Ended),
    ("teamDeleted", ConversationAction::Ended),
    ("teamHardDeleted", ConversationAction::Ended),
    ("teamArchived", ConversationAction::Ended),
];

/// `conversationUpdate`
pub(super) fn changed(item: &Item<'_>, event_type: &str) -> Vec<Event> {
    let activity = item.activity;
    let mut events = Vec::new();
    for (action, members) in [
        (ConversationAction::MembersAdded, &activity.members_added.0),
        (ConversationAction::MembersRemoved, &activity.members_removed.0),
    ] {
        let members: Vec<_> = members.iter().take(MOST_MEMBERS).filter_map(|person| member(item, person)).collect();
        if !members.is_empty() {
            let event = ConversationEvent { action: action.into(), members, title: None };
            events.push(item.part(&[action.as_str_name()], Payload::ConversationEvent(event)));
        }
    }
    if let Some((_, action)) = CHANGES.iter().find(|(known, _)| *known == event_type) {
        let data = &activity.channel_data.0;
        let of = if event_type.starts_with("team") { &data.team.0 } else { &data.channel.0 };
        events.push(about(item, *action, of.name.0.get()));
    } else if let Some(title) = activity.topic_name.0.get() {
        events.push(about(item, ConversationAction::SettingsChanged, Some(title)));
    }
    events
}

/// Something happened to the place as a whole.
pub(super) fn about(item: &Item<'_>, action: ConversationAction, title: Option<&str>) -> Event {
    let event = ConversationEvent { action: action.into(), members: Vec::new(), title: title.map(Into::into) };
    item.part(&[action.as_str_name()], Payload::ConversationEvent(event))
}

fn member(item: &Item<'_>, person: &Person) -> Option<Identity> {
    let value = person.id.0.get()?.to_owned();
    Some(Identity { scheme: USER.into(), value, scope: item.bot().map(Into::into), verified: true })
}
