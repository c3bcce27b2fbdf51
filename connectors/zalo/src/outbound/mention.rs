//! Text for groups, where `[@id]` calls a person and, with the group's own id, everybody.

use kenh_proto::v1::Text;

/// What stands where text only looks like a mention: one that relays somebody's words must not call people.
const HARMLESS: &str = "[ @";

/// Text in which nothing is a mention.
pub(super) fn escaped(text: &str) -> String {
    text.replace("[@", HARMLESS)
}

/// The text with its entities of type `mention` written as mentions, and nothing else as one. Entities that overlap an
/// earlier one, reach beyond the text or have no id as their value are text.
pub(super) fn written(text: &Text) -> String {
    let characters: Vec<char> = text.body.chars().collect();
    let mut named: Vec<_> = text.entities.iter().filter(|entity| entity.r#type == "mention").collect();
    named.sort_by_key(|entity| entity.offset);
    let (mut out, mut at) = (String::new(), 0);
    for entity in named {
        let Some(id) = entity.value.as_deref().filter(|id| is_id(id)) else { continue };
        let (Ok(start), Ok(length)) = (usize::try_from(entity.offset), usize::try_from(entity.length)) else {
            continue;
        };
        let Some(before) = characters.get(at..start).filter(|_| start + length <= characters.len()) else { continue };
        out.push_str(&escaped(&before.iter().collect::<String>()));
        out.push_str("[@");
        out.push_str(id);
        out.push(']');
        at = start + length;
    }
    out.push_str(&escaped(&characters.into_iter().skip(at).collect::<String>()));
    out
}

fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use kenh_proto::v1::Entity;

    use super::*;

    fn text(body: &str, mentions: &[(u32, u32, Option<&str>)]) -> Text {
        let entity = |(offset, length, value): &(u32, u32, Option<&str>)| Entity {
            r#type: "mention".into(),
            offset: *offset,
            length: *length,
            value: value.map(Into::into),
        };
        Text { body: body.into(), entities: mentions.iter().map(entity).collect(), ..Text::default() }
    }

    #[test]
    fn what_only_looks_like_a_mention_calls_nobody() {
        assert_eq!(written(&text("Ạ [@55500] [[@f0e1]", &[])), "Ạ [ @55500] [[ @f0e1]");
        assert_eq!(escaped("[@a][@b]"), "[ @a][ @b]");
    }

    #[test]
    fn mentions_that_are_meant_are_written() {
        assert_eq!(written(&text("Ạ @Lan ơi [@x]", &[(2, 4, Some("555"))])), "Ạ [@555] ơi [ @x]");
        assert_eq!(written(&text("b a", &[(2, 1, Some("2")), (0, 1, Some("1"))])), "[@1] [@2]");
        assert_eq!(written(&text("[@555]", &[(0, 6, Some("555"))])), "[@555]");
    }

    #[test]
    fn mentions_that_cannot_be_are_text() {
        for wrong in
            [(0, 9, Some("1")), (9, 1, Some("1")), (0, 1, None), (0, 1, Some("a]b")), (u32::MAX, u32::MAX, Some("1"))]
        {
            assert_eq!(written(&text("a [@b]", &[wrong])), "a [ @b]", "{wrong:?}");
        }
        assert_eq!(written(&text("abc", &[(0, 2, Some("1")), (1, 2, Some("2"))])), "[@1]c");
    }
}
