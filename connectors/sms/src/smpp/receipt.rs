//! The text of a delivery receipt (SMPP 3.4 appendix B), as message centres really write it.

/// What a receipt says, by the keys of appendix B in lower case.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Said<'a>(Vec<(&'static str, &'a str)>);

/// Keys that are known; some have a blank in them, so a text cannot be cut at blanks.
const KEYS: &[&str] = &["id", "sub", "dlvrd", "submit date", "done date", "stat", "err", "text"];

impl<'a> Said<'a> {
    /// Reads a text: keys in any case and order, some missing, others in between.
    pub(super) fn read(text: &'a str) -> Self {
        let mut found: Vec<(&'static str, usize, usize)> = Vec::new();
        let mut before = None;
        for (at, character) in text.char_indices() {
            let begins = before.is_none_or(|before: char| before.is_whitespace() || before == ',');
            before = Some(character);
            let Some(rest) = text.get(at..).filter(|_| begins) else { continue };
            let key = KEYS.iter().find(|key| {
                rest.get(..key.len()).is_some_and(|word| word.eq_ignore_ascii_case(key))
                    && rest.get(key.len()..).is_some_and(|rest| rest.starts_with(':'))
            });
            let Some(key) = key else { continue };
            found.push((key, at, at + key.len() + 1));
            // What follows is somebody's words.
            if *key == "text" {
                break;
            }
        }
        let ends = found.iter().skip(1).map(|(_, at, _)| *at).chain([text.len()]).collect::<Vec<_>>();
        let value = |((key, _, begin), end): ((&'static str, usize, usize), usize)| {
            let value = text.get(begin..end)?.trim();
            // Keys nobody knows stand behind a value.
            let value = if key == "text" { value } else { value.split([' ', ',']).next()? };
            (!value.is_empty()).then_some((key, value))
        };
        Self(found.into_iter().zip(ends).filter_map(value).collect())
    }

    pub(super) fn get(&self, key: &str) -> Option<&'a str> {
        self.0.iter().find(|(known, _)| *known == key).map(|(_, value)| *value)
    }

    /// Whether a text that is not marked as a receipt is one all the same.
    pub(super) fn is_receipt(&self) -> bool {
        ["id", "stat", "done date"].iter().all(|key| self.get(key).is_some())
    }
}

/// The word of a `message_state` (SMPP 5.0 section 4.7.15).
pub(super) fn word(state: u8) -> Option<&'static str> {
    let words = [
        "SCHEDULED",
        "ENROUTE",
        "DELIVRD",
        "EXPIRED",
        "DELETED",
        "UNDELIV",
        "ACCEPTD",
        "UNKNOWN",
        "REJECTD",
        "SKIPPED",
    ];
    words.get(usize::from(state)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> [Option<String>; 4] {
        let said = Said::read(text);
        ["id", "stat", "err", "done date"].map(|key| said.get(key).map(ToOwned::to_owned))
    }

    fn whole(id: &str, stat: &str, err: &str, done: &str) -> [Option<String>; 4] {
        [id, stat, err, done].map(|text| Some(text.to_owned()))
    }

    #[test]
    fn receipts_are_read_as_they_are_written() {
        let usual =
            "id:2587 sub:001 dlvrd:001 submit date:2611211200 done date:2611211201 stat:DELIVRD err:000 text:Gia 20";
        assert_eq!(said(usual), whole("2587", "DELIVRD", "000", "2611211201"));
        let odd =
            "id:b7c2-44 submit date:261121120000 done date:261121120159 stat:undeliv err:0x1F Text:stat:DELIVRD id:1";
        assert_eq!(said(odd), whole("b7c2-44", "undeliv", "0x1F", "261121120159"), "what the text says is no key");
        let more = "ID:7 SUB:001 STAT:EXPIRED ERR:027 vendor:x DONE DATE:2611211201";
        assert_eq!(said(more), whole("7", "EXPIRED", "027", "2611211201"));
        assert_eq!(said("id:7 stat:DELIVRD"), [Some("7".into()), Some("DELIVRD".into()), None, None]);
        assert_eq!(said("id: stat:DELIVRD err:"), [None, Some("DELIVRD".into()), None, None]);
        assert_eq!(said("00,0210021543,0,DELIVRD"), [None, None, None, None]);
        assert_eq!(said("grid:5 ế stat"), [None, None, None, None]);
    }

    #[test]
    fn only_what_has_all_that_a_receipt_has_looks_like_one() {
        assert!(Said::read("id:1 sub:001 dlvrd:001 submit date:1 done date:2 stat:DELIVRD err:0 text:").is_receipt());
        assert!(!Said::read("my id:1, what is its stat: please").is_receipt());
    }
}
