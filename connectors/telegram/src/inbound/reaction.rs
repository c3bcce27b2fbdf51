//! Reactions. Telegram sends all of a person's before and after; what differs is what happened.

use std::collections::HashSet;

use connector_sdk::{
    Event, Malformed,
    json::{self, Raw},
};
use kenh_proto::v1::{Direction, Reaction, ReactionAction, Target, envelope::Payload};

use super::{
    item::{Item, placed, timed},
    person,
};
use crate::wire::{Reacted, ReactionType};

/// More than anybody can set; each becomes an event that carries the whole update.
const MOST: usize = 100;

/// `message_reaction`
pub(super) fn changed(item: &Item<'_>, wire: &Reacted) -> Result<Vec<Event>, Malformed> {
    let id = wire.message_id.required("message_id")?;
    let (before, after) = (codes(&wire.old_reaction), codes(&wire.new_reaction));
    let gone = only_in(&before, &after).map(|code| (ReactionAction::Removed, code));
    let new = only_in(&after, &before).map(|code| (ReactionAction::Added, code));
    let changes: Vec<_> = gone.chain(new).collect();
    if changes.is_empty() || changes.len() > MOST {
        let detail = format!("expected between 1 and {MOST} reactions to differ");
        return Err(Malformed { reason: "unexpected_shape", detail });
    }
    changes.into_iter().map(|change| one(item, wire, id, change)).collect()
}

fn one(item: &Item<'_>, wire: &Reacted, id: &str, change: (ReactionAction, &Code)) -> Result<Event, Malformed> {
    let (action, code) = change;
    let part = match action {
        ReactionAction::Removed => format!("removed:{}", code.code),
        ReactionAction::Added | ReactionAction::Unspecified => format!("added:{}", code.code),
    };
    let reaction = Reaction {
        action: action.into(),
        code: Some(code.code.clone()),
        emoji: code.is_emoji.then(|| code.code.clone()),
    };
    let target = Target { provider_message_id: Some(id.into()), ..Target::default() };
    let event = timed(item.one_of(&part, Payload::Reaction(reaction)), wire.date).target(target);
    let event = placed(event, &wire.chat, None)?;
    Ok(match (&wire.user.0, &wire.actor_chat.0) {
        (Some(user), _) => person::by(event, user),
        (None, Some(chat)) => person::by_chat(event, chat),
        (None, None) => event.direction(Direction::Inbound),
    })
}

#[derive(PartialEq, Eq, Hash)]
struct Code {
    code: String,
    is_emoji: bool,
}

/// Each by itself; one of an unknown shape has the name of its type.
fn codes(reactions: &[Raw]) -> Vec<Code> {
    let read = |raw: &Raw| json::object::<ReactionType>(raw.get().as_bytes()).ok().map(|read| read.value);
    let code = |kind: ReactionType| {
        let emoji = kind.emoji.into_option();
        let is_emoji = emoji.is_some();
        let code = emoji.or_else(|| kind.custom_emoji_id.into_option()).or_else(|| kind.kind.into_option());
        Code { code: code.unwrap_or_else(|| "unknown".into()), is_emoji }
    };
    reactions.iter().map(|raw| code(read(raw).unwrap_or_default())).collect()
}

fn only_in<'a>(codes: &'a [Code], others: &'a [Code]) -> impl Iterator<Item = &'a Code> {
    let mut known: HashSet<_> = others.iter().collect();
    codes.iter().filter(move |code| known.insert(code))
}
