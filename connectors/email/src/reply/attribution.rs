//! Lines such as "On Monday Shop wrote:", which stand before a quoted mail.

/// How such a line begins and ends, in the languages mail programs write it in. Dates and names stand between.
const PAIRS: &[(&str, &[&str])] = &[
    ("vào ", &["đã viết:", "viết:"]),
    ("lúc ", &["đã viết:", "viết:"]),
    ("ngày ", &["đã viết:", "viết:"]),
    ("on ", &["wrote:", "writes:", "said:"]),
    ("at ", &["wrote:"]),
    ("am ", &["schrieb:"]),
    ("le ", &["a écrit :", "a écrit:"]),
    ("el ", &["escribió:"]),
    ("il ", &["ha scritto:"]),
    ("em ", &["escreveu:"]),
    ("op ", &["schreef:"]),
    ("den ", &["skrev:", "følgende:"]),
    ("w dniu ", &["napisał(a):", "napisał:"]),
    ("dnia ", &["napisał(a):", "napisał:"]),
];
/// The same where the verb stands before the name: the line ends with a colon or an address.
const VERBS: &[(&str, &str)] = &[("am ", " schrieb "), ("op ", " schreef "), ("w dniu ", " pisze:"), ("on ", " wrote ")];
/// A folded one has at most so many lines.
const MOST_LINES: usize = 4;
/// And characters.
const LONGEST: usize = 400;

/// How many lines at the start of these are one, if any.
pub(super) fn length(lines: &[&str]) -> Option<usize> {
    let first = lines.first()?.trim_start();
    let starts = first.chars().next()?;
    // Most lines of most texts.
    if !starts.is_alphanumeric() && !matches!(starts, '-' | '*' | '<' | '"') {
        return None;
    }
    let mut joined = String::new();
    for (count, line) in lines.iter().take(MOST_LINES).enumerate() {
        if line.trim().is_empty() && count > 0 && !first.to_lowercase().starts_with("on ") {
            return None;
        }
        if count > 0 {
            joined.push(' ');
        }
        joined.extend(line.trim().chars().take(LONGEST));
        if joined.len() > LONGEST {
            return None;
        }
        if is_one(joined.trim_start_matches(['-', ' ', '*']).trim_end_matches(['-', ' ', '*'])) {
            return Some(count + 1);
        }
    }
    None
}

fn is_one(line: &str) -> bool {
    let lower = line.to_lowercase();
    let lower = lower.split_whitespace().collect::<Vec<_>>().join(" ");
    let says_when = lower.bytes().any(|byte| byte.is_ascii_digit()) || names_day(&lower);
    let paired = PAIRS.iter().any(|(begins, ends)| lower.starts_with(begins) && ends.iter().any(|end| lower.ends_with(end)));
    let verb = VERBS.iter().any(|(begins, verb)| {
        lower.starts_with(begins) && lower.contains(verb) && lower.ends_with([':', '>'])
    });
    if (paired || verb) && says_when {
        return true;
    }
    // "Shop <shop@example.test> wrote:", with the date before it or none.
    let named = ["wrote:", "đã viết:", "a écrit :", "schrieb:", "escribió:", "написал:", "писал(а):", "пишет:"];
    if lower.contains('@') && named.iter().any(|end| lower.ends_with(end)) {
        return true;
    }
    // "2026-01-05 10:00 GMT+07:00 Shop <shop@example.test>:"
    let begins_with_date = lower.chars().take_while(|character| !character.is_whitespace()).filter(char::is_ascii_digit).count() >= 4
        || lower.chars().next().is_some_and(|first| first.is_ascii_digit()) && lower.contains(", ");
    begins_with_date && lower.contains(':') && (lower.ends_with(">:") || lower.ends_with(">") && lower.contains('@'))
}

fn names_day(lower: &str) -> bool {
    const DAYS: &[&str] = &[
        "mon", "tue", "wed", "thu", "fri", "sat", "sun", "thứ", "chủ nhật", "jan", "feb", "mar", "apr", "may", "jun",
        "jul", "aug", "sep", "oct", "nov", "dec", "hôm",
    ];
    DAYS.iter().any(|day| lower.contains(day))
}
