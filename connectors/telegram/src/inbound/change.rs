//! Who comes, goes and governs.

use std::collections::HashMap;

use connector_sdk::{Event, Malformed};
use kenh_proto::v1::{
    ControlAction, ControlEvent, ConversationAction, ConversationEvent, Identity, SubscriptionAction,
    SubscriptionChange, envelope::Payload,
};

use super::{
    item::{Item, by_channel, placed, timed},
    person::{self, CHAT},
};
use crate::wire::{Connection, JoinRequest, Member, MemberChange, Message};

/// Happenings that come as messages.
pub(super) fn told(message: &Message) -> Option<ConversationEvent> {
    let event = |action: ConversationAction, members: Vec<Identity>, title: Option<&str>| {
        Some(ConversationEvent { action: action.into(), members, title: title.map(Into::into) })
    };
    let chat = |id: &str| vec![Identity { scheme: CHAT.into(), value: id.into(), scope: None, verified: true }];
    if !message.new_chat_members.0.is_empty() {
        let members = message.new_chat_members.0.iter().filter_map(person::member).collect();
        return event(ConversationAction::MembersAdded, members, None);
    }
    if let Some(user) = &message.left_chat_member.0 {
        return event(ConversationAction::MembersRemoved, person::member(user).into_iter().collect(), None);
    }
    if let Some(title) = message.new_chat_title.0.get() {
        return event(ConversationAction::SettingsChanged, Vec::new(), Some(title));
    }
    // A group that grows gets another id: the old one ends and names the new one, and the other way round.
    if let Some(id) = message.migrate_to_chat_id.0.get() {
        return event(ConversationAction::Ended, chat(id), None);
    }
    event(ConversationAction::Started, chat(message.migrate_from_chat_id.0.get()?), None)
}

/// `my_chat_member`, `chat_member`. In a private chat it means that the person blocked the bot or lifted the block.
pub(super) fn member(item: &Item<'_>, wire: &MemberChange) -> Result<Event, Malformed> {
    let new = &wire.new_chat_member;
    let payload = if item.kind == "my_chat_member" && wire.chat.kind.0.get() == Some("private") {
        let action = if is_in(new) { SubscriptionAction::Unblocked } else { SubscriptionAction::Blocked };
        Payload::SubscriptionChange(SubscriptionChange { action: action.into(), ..SubscriptionChange::default() })
    } else {
        let members = person::member(&new.user).into_iter().collect();
        let action = change(&wire.old_chat_member, new);
        Payload::ConversationEvent(ConversationEvent { action: action.into(), members, title: None })
    };
    Ok(person::by(placed(timed(item.event(payload), wire.date), &wire.chat, None)?, &wire.from))
}

fn change(old: &Member, new: &Member) -> ConversationAction {
    match ((is_in(old), governs(old)), (is_in(new), governs(new))) {
        ((false, _), (true, _)) => ConversationAction::MembersAdded,
        ((true, _), (false, _)) => ConversationAction::MembersRemoved,
        ((_, false), (_, true)) => ConversationAction::AdminsAdded,
        ((_, true), (_, false)) => ConversationAction::AdminsRemoved,
        _ => ConversationAction::SettingsChanged,
    }
}

fn is_in(member: &Member) -> bool {
    match member.status.get() {
        Some("creator" | "administrator" | "member") => true,
        Some("restricted") => member.is_member.0,
        Some(_) | None => false,
    }
}

fn governs(member: &Member) -> bool {
    matches!(member.status.get(), Some("creator" | "administrator"))
}

/// `chat_join_request`
pub(super) fn wants_in(item: &Item<'_>, wire: &JoinRequest) -> Result<Event, Malformed> {
    let members = person::member(&wire.from).into_iter().collect();
    let event = ConversationEvent { action: ConversationAction::JoinRequested.into(), members, title: None };
    let event = timed(item.event(Payload::ConversationEvent(event)), wire.date);
    Ok(person::by(placed(event, &wire.chat, None)?, &wire.from))
}

/// `business_connection`: a business account lets the bot into its chats, or no longer.
pub(super) fn connected(item: &Item<'_>, wire: &Connection) -> Result<Event, Malformed> {
    let id = wire.id.required("id")?.to_owned();
    let state = if wire.is_enabled.0 { "enabled" } else { "disabled" };
    let event = ControlEvent {
        action: ControlAction::RolesChanged.into(),
        roles: HashMap::from([(id, state.to_owned())]),
        ..ControlEvent::default()
    };
    Ok(by_channel(timed(item.event(Payload::ControlEvent(event)), wire.date)))
}
