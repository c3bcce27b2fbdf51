//! Icons of reactions. Others than these are passed on as they are, in both directions.

/// The icon that takes a reaction back.
pub(crate) const REMOVE: &str = "/-remove";

/// Emoji of the icons whose meaning is attested.
const EMOJI: &[(&str, &str)] = &[("/-heart", "❤️"), ("/-strong", "👍")];

/// The emoji of an icon.
pub(crate) fn emoji(icon: &str) -> Option<&'static str> {
    EMOJI.iter().find(|(code, _)| *code == icon).map(|(_, emoji)| *emoji)
}

/// The icon of an emoji, with or without the mark that asks for its coloured form.
pub(crate) fn icon(emoji: &str) -> Option<&'static str> {
    let bare = |text: &str| text.trim_end_matches('\u{fe0f}').to_owned();
    EMOJI.iter().find(|(_, known)| bare(known) == bare(emoji)).map(|(code, _)| *code)
}
