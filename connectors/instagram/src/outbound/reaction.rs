//! Reactions by Instagram's names.

use connector_sdk::outbound::Refusal;
use kenh_proto::v1::{React, ReactionAction, SendReason};

/// Names, and the emoji they are shown as; variation selectors are left out.
const REACTIONS: &[(&str, &[&str])] = &[
    ("love", &["\u{2764}"]),
    ("like", &["\u{1f44d}"]),
    ("laugh", &["\u{1f606}", "\u{1f602}"]),
    ("wow", &["\u{1f62e}"]),
    ("sad", &["\u{1f622}"]),
    ("angry", &["\u{1f620}", "\u{1f621}"]),
];

/// The name of a reaction that is given by its name or by an emoji.
pub(super) fn word(reaction: &str) -> Option<&'static str> {
    let bare = reaction.trim_end_matches('\u{fe0f}');
    let named = |(name, emoji): &&(&str, &[&str])| *name == bare || emoji.contains(&bare);
    REACTIONS.iter().find(named).map(|(name, _)| *name)
}

/// Whether it is one of them.
pub(super) fn check(react: &React) -> Result<(), Refusal> {
    if react.action() == ReactionAction::Removed || word(&react.reaction).is_some() {
        return Ok(());
    }
    let names: Vec<_> = REACTIONS.iter().map(|(name, _)| *name).collect();
    Err(Refusal::new(SendReason::ContentUnsupported, format!("Instagram has the reactions {}", names.join(", "))))
}
