//! Text, and who is named in it.

use kenh_proto::v1::{Entity, Mention, Text};

/// Takes text over. In a group, `[@id]` names a person, the account, or with the group's own id everybody.
pub(super) fn read(body: String, group: Option<&str>, oa: Option<&str>) -> (Text, Vec<Mention>) {
    let mut mentions = Vec::new();
    let mut entities = Vec::new();
    if let Some(group) = group {
        for named in named(&body) {
            mentions.push(Mention {
                external_id: Some(named.id.into()),
                everyone: named.id == group,
                is_account: Some(named.id) == oa,
            });
            entities.push(Entity {
                r#type: "mention".into(),
                offset: named.offset,
                length: named.length,
                value: Some(named.id.into()),
            });
        }
    }
    (Text { body, entities, ..Text::default() }, mentions)
}

const LONGEST_ID: usize = 64;

struct Named<'a> {
    id: &'a str,
    /// In characters, brackets included.
    offset: u32,
    length: u32,
}

fn named(body: &str) -> Vec<Named<'_>> {
    let mut found = Vec::new();
    let mut passed = 0;
    let mut rest = body;
    while let Some((before, after)) = rest.split_once("[@") {
        passed += characters(before);
        // No further than an id can reach: a text full of opening brackets is read once, not once for each.
        let end = after.bytes().take(LONGEST_ID + 1).position(|byte| byte == b']');
        let id = end.and_then(|end| after.get(..end)).filter(|id| is_id(id));
        if let Some(id) = id {
            found.push(Named { id, offset: passed, length: characters(id) + 3 });
        }
        passed += 2;
        rest = after;
    }
    found
}

fn is_id(text: &str) -> bool {
    (1..=LONGEST_ID).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

fn characters(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mentions_are_counted_in_characters_and_half_ones_are_text() {
        let (text, mentions) = read("Ạ [@1] [@ [@g1] [@không] [@".into(), Some("g1"), Some("1"));
        let places: Vec<_> = text.entities.iter().map(|entity| (entity.offset, entity.length)).collect();
        assert_eq!(places, [(2, 4), (10, 5)]);
        let who: Vec<_> = mentions.iter().map(|mention| (mention.is_account, mention.everyone)).collect();
        assert_eq!(who, [(true, false), (false, true)]);
    }

    #[test]
    fn outside_of_groups_brackets_are_text() {
        assert!(read("[@1]".into(), None, Some("1")).1.is_empty());
    }
}
