//! Reactions by Slack's names. It has hundreds and each workspace its own; the emoji most used get theirs here, the others are
//! named by the caller.

/// Emoji and names.
const NAMES: &[(&str, &str)] = &[
    ("👍", "thumbsup"),
    ("👎", "thumbsdown"),
    ("❤", "heart"),
    ("😂", "joy"),
    ("🤣", "rolling_on_the_floor_laughing"),
    ("😀", "grinning"),
    ("🙂", "slightly_smiling_face"),
    ("😉", "wink"),
    ("😍", "heart_eyes"),
    ("😮", "open_mouth"),
    ("😢", "cry"),
    ("😭", "sob"),
    ("😡", "rage"),
    ("🙏", "pray"),
    ("👏", "clap"),
    ("👋", "wave"),
    ("👌", "ok_hand"),
    ("💪", "muscle"),
    ("🙌", "raised_hands"),
    ("🎉", "tada"),
    ("🔥", "fire"),
    ("💯", "100"),
    ("👀", "eyes"),
    ("🤔", "thinking_face"),
    ("✅", "white_check_mark"),
    ("✔", "heavy_check_mark"),
    ("❌", "x"),
    ("⚠", "warning"),
    ("⭐", "star"),
    ("🚀", "rocket"),
];

/// Slack's name of an emoji, given as one or by name, with colons or without; nothing for one that has no name here.
pub(super) fn name(reaction: &str) -> Option<&str> {
    const LONGEST: usize = 100;
    // The mark that makes a sign a picture is not part of it.
    let bare = reaction.trim_matches(':').trim_end_matches('\u{fe0f}');
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '+' | '\'' | ':');
    let named = (1..=LONGEST).contains(&bare.len()) && bare.chars().all(plain);
    let known = || NAMES.iter().find(|(emoji, _)| *emoji == bare).map(|(_, name)| *name);
    known().or_else(|| named.then_some(bare))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emoji_have_names_and_names_are_taken_as_they_are() {
        for (given, expected) in [
            ("👍", "thumbsup"),
            ("❤️", "heart"),
            (":tada:", "tada"),
            ("+1", "+1"),
            ("wave::skin-tone-3", "wave::skin-tone-3"),
        ] {
            assert_eq!(name(given), Some(expected), "{given}");
        }
        for unknown in ["", ":", "🦄🦄", "two words"] {
            assert_eq!(name(unknown), None, "{unknown}");
        }
    }
}
