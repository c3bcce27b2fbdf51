//! Slack's markup, and who is named in it.

use kenh_proto::v1::{Entity, Mention, Text, TextFormat};

/// Takes a text over as it is, `&lt;` and all, and finds what stands in angle brackets: `<@U1>`, `<#C1|name>`,
/// `<!here>`, `<https://…|label>`. What people type themselves is escaped, so a bracket is always Slack's.
pub(super) fn read(body: &str, bots: &[&str]) -> (Text, Vec<Mention>) {
    let mut entities = Vec::new();
    let mut mentions = Vec::new();
    let mut open = None;
    for (index, (at, character)) in (0_u32..).zip(body.char_indices()) {
        if character == '<' {
            open = Some((at + 1, index));
        }
        if character == '>'
            && let Some((from, start)) = open.take()
            && let Some((kind, value)) = body.get(from..at).and_then(meaning)
        {
            mentions.extend(mention(kind, value, bots));
            let length = index - start + 1;
            entities.push(Entity { r#type: kind.into(), offset: start, length, value: Some(value.into()) });
        }
    }
    (Text { body: body.into(), format: TextFormat::Markdown.into(), entities }, mentions)
}

fn meaning(inner: &str) -> Option<(&'static str, &str)> {
    let target = inner.split('|').next()?;
    let (kind, value) = match target.split_at_checked(1)? {
        ("@", user) => ("mention", user),
        ("#", channel) => ("channel", channel),
        ("!", "here" | "channel" | "everyone") => ("mention_everyone", target.get(1..)?),
        ("!", special) => match special.strip_prefix("subteam^") {
            Some(group) => ("mention_group", group),
            None => ("special", special),
        },
        _ if target.contains(':') && !target.contains(char::is_whitespace) => ("url", target),
        _ => return None,
    };
    (!value.is_empty()).then_some((kind, value))
}

fn mention(kind: &str, value: &str, bots: &[&str]) -> Option<Mention> {
    match kind {
        "mention_everyone" => Some(Mention { everyone: true, ..Mention::default() }),
        "mention" => {
            Some(Mention { external_id: Some(value.into()), is_account: bots.contains(&value), ..Mention::default() })
        }
        "mention_group" => Some(Mention { external_id: Some(value.into()), ..Mention::default() }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_brackets_is_found_by_characters() {
        let (text, mentions) = read("Ạ <@U1> <!here> <#C1|shop> <https://a.test|a> < <@U2", &["U1"]);
        let found: Vec<_> =
            text.entities.iter().map(|entity| (entity.r#type.as_str(), entity.offset, entity.length)).collect();
        assert_eq!(found, [("mention", 2, 5), ("mention_everyone", 8, 7), ("channel", 16, 10), ("url", 27, 18)]);
        assert_eq!(
            mentions.iter().map(|mention| (mention.is_account, mention.everyone)).collect::<Vec<_>>(),
            [(true, false), (false, true)]
        );
    }

    #[test]
    fn escaped_brackets_and_empty_ones_are_text() {
        assert!(read("&lt;@U1&gt; <> <@> <|x> > <", &[]).0.entities.is_empty());
    }
}
