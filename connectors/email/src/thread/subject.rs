//! Subjects without what mail programs put before them.

/// What stands before the colon of an answer or a forwarded mail, in lower case.
const PREFIXES: &[&str] = &[
    "re",
    "fw",
    "fwd",
    "aw",
    "wg",
    "sv",
    "vs",
    "tr",
    "r",
    "rv",
    "enc",
    "antw",
    "ynt",
    "ref",
    "rif",
    "i",
    "odp",
    "pd",
    "tl",
    "trả lời",
    "chuyển tiếp",
    "ch.tiếp",
    "ct",
    "回复",
    "答复",
    "回覆",
    "轉寄",
    "转发",
    "返信",
];

/// The subject without prefixes, however many: `Re: [2] RE[5]: Đơn hàng` is `Đơn hàng`.
pub(crate) fn base(subject: &str) -> &str {
    let mut rest = subject.trim();
    while let Some((before, behind)) = rest.split_once([':', '：']) {
        let word = before
            .trim()
            .trim_end_matches(|last: char| last.is_ascii_digit() || matches!(last, '[' | ']' | '(' | ')' | '^' | ' '));
        if word.len() > 24 || !PREFIXES.contains(&word.to_lowercase().as_str()) {
            break;
        }
        rest = behind.trim_start();
    }
    rest.trim()
}
