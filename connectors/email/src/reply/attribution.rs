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
const VERBS: &[(&str, &str)] =
    &[("am ", " schrieb "), ("op ", " schreef "), ("w dniu ", " pisze:"), ("on ", " wrote ")];
/// The same with an address before it and nothing certain at its start.
const NAMED: &[&str] = &["wrote:", "đã viết:", "a écrit :", "schrieb:", "escribió:", "написал:", "писал(а):", "пишет:"];
/// A folded one has at most so many lines.
const MOST_LINES: usize = 4;
/// And characters.
const LONGEST: usize = 400;

/// How many lines at the start of these are one, if any.
pub(super) fn length(lines: &[&str]) -> Option<usize> {
    let first = lines.first()?.trim_start();
    // Most lines of most texts.
    if !first.starts_with(|start: char| start.is_alphanumeric() || matches!(start, '-' | '*' | '<' | '"')) {
        return None;
    }
    let within = lines.iter().take(MOST_LINES).take_while(|line| !line.trim().is_empty() && !line.starts_with('>'));
    let most = within.count();
    let found = (1..=most).find(|count| is_one(&joined(lines, 0, *count)))?;
    // What begins further down is no part of the line above it.
    let begins = |start: usize| lines.get(start).is_some_and(|line| starts(&line.trim_start().to_lowercase()));
    let is_later = (1..found).any(|start| begins(start) && is_one(&joined(lines, start, found)));
    let is_address = lines.first().is_some_and(|line| line.contains('@'));
    (found == 1 || (begins(0) || is_address) && !is_later).then_some(found)
}

/// Whether a line may be the first of several.
fn starts(lower: &str) -> bool {
    let lower = lower.trim_start_matches(['-', ' ', '*']);
    let prefixes = PAIRS.iter().map(|(begins, _)| begins).chain(VERBS.iter().map(|(begins, _)| begins));
    begins_with_date(lower) || prefixes.into_iter().any(|begins| lower.starts_with(begins))
}

fn joined(lines: &[&str], start: usize, end: usize) -> String {
    let lines = lines.get(start..end).unwrap_or_default().iter().map(|line| line.trim());
    let line: String = lines.collect::<Vec<_>>().join(" ").chars().take(LONGEST + 1).collect();
    line.trim_matches(['-', ' ', '*']).to_owned()
}

fn is_one(line: &str) -> bool {
    if line.len() > LONGEST || !line.ends_with([':', '>']) {
        return false;
    }
    let lower = line.to_lowercase();
    let lower = lower.split_whitespace().collect::<Vec<_>>().join(" ");
    let says_when = lower.bytes().any(|byte| byte.is_ascii_digit()) || names_day(&lower);
    let paired =
        PAIRS.iter().any(|(begins, ends)| lower.starts_with(begins) && ends.iter().any(|end| lower.ends_with(end)));
    let verb = VERBS.iter().any(|(begins, verb)| lower.starts_with(begins) && lower.contains(verb));
    // "Shop <shop@example.test> wrote:", with the date before it or none.
    let named = lower.contains('@') && NAMED.iter().any(|end| lower.ends_with(end));
    // "2026-01-05 10:00 GMT+07:00 Shop <shop@example.test>:"
    let dated = lower.contains('@') && lower.ends_with(">:") && (begins_with_date(&lower) || names_day(&lower));
    (paired || verb) && says_when || named || dated
}

fn begins_with_date(lower: &str) -> bool {
    let digits = lower.split(' ').next().unwrap_or_default().chars().filter(char::is_ascii_digit).count();
    digits >= 4
}

fn names_day(lower: &str) -> bool {
    const DAYS: &[&str] = &[
        "mon",
        "tue",
        "wed",
        "thu",
        "fri",
        "sat",
        "sun",
        "thứ",
        "chủ nhật",
        "jan",
        "feb",
        "mar",
        "apr",
        "may",
        "jun",
        "jul",
        "aug",
        "sep",
        "oct",
        "nov",
        "dec",
        "hôm",
    ];
    DAYS.iter().any(|day| lower.contains(day))
}
