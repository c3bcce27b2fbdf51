//! Where a signature begins.

/// How the lines begin that mail programs put below a mail, in lower case.
const PROGRAMS: &[&str] = &[
    "sent from my ",
    "sent from mail for ",
    "sent from outlook",
    "sent from yahoo",
    "sent via ",
    "sent with ",
    "sent from samsung",
    "sent from proton",
    "sent from gmail",
    "sent from mobile",
    "sent using ",
    "get outlook for ",
    "gửi từ ",
    "được gửi từ ",
    "đã gửi từ ",
    "tải outlook cho ",
    "tải xuống outlook",
    "von meinem ",
    "gesendet von ",
    "envoyé de ",
    "envoyé depuis ",
    "enviado desde ",
    "enviado do ",
    "inviato da ",
    "verstuurd vanaf ",
    "отправлено с ",
    "iphoneから送信",
    "发自我的",
    "從我的",
    "나의 iphone",
    "__ sent from",
    "sent: ios",
    "yahoo mail: search, organize",
];
/// They are short, or they are somebody's words.
const LONGEST: usize = 80;
/// A signature that a line of underscores begins has at most so many lines.
const MOST_LINES: usize = 12;

/// The line where it begins; the number of lines where there is none. `own` says which are somebody's own words.
pub(super) fn begins(lines: &[&str], own: &[bool]) -> usize {
    let is_own = |place: usize| own.get(place).copied().unwrap_or_default();
    let last = lines.iter().enumerate().rev().find(|(place, line)| is_own(*place) && !line.trim().is_empty());
    let Some((last, _)) = last else { return lines.len() };
    // Only in the last stretch of own words: what stands above a quote is answered below it.
    let first = (0..=last).rev().take_while(|place| is_own(*place)).last().unwrap_or(last);
    let within = (first..=last).find(|place| lines.get(*place).is_some_and(|line| starts(line, last - place)));
    within.unwrap_or(lines.len())
}

fn starts(line: &str, behind: usize) -> bool {
    let line = line.trim();
    if matches!(line, "--" | "—" | "–") || line == "-- " {
        return true;
    }
    if line.len() >= 5 && line.bytes().all(|byte| byte == b'_') {
        return behind <= MOST_LINES;
    }
    if line.chars().count() > LONGEST {
        return false;
    }
    let lower = line.trim_start_matches(['*', '_', '<', '[', '(']).to_lowercase();
    behind <= 3 && PROGRAMS.iter().any(|known| lower.starts_with(known))
}
