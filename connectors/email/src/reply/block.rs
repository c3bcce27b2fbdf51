//! Blocks of headers, and lines of dashes, that stand before a mail that is quoted without marks.

/// The first header of a block, and those of which one stands next.
const FROM: &[&str] = &[
    "from",
    "từ",
    "người gửi",
    "von",
    "de",
    "da",
    "van",
    "fra",
    "från",
    "od",
    "от",
    "发件人",
    "寄件者",
    "差出人",
    "보낸 사람",
    "mittente",
];
const NEXT: &[&str] = &[
    "sent",
    "date",
    "to",
    "subject",
    "cc",
    "reply-to",
    "đã gửi",
    "gửi",
    "gửi lúc",
    "ngày",
    "ngày gửi",
    "đến",
    "tới",
    "chủ đề",
    "tiêu đề",
    "người nhận",
    "gesendet",
    "datum",
    "an",
    "betreff",
    "envoyé",
    "date d'envoi",
    "à",
    "objet",
    "enviado",
    "enviado el",
    "enviada em",
    "para",
    "asunto",
    "assunto",
    "data",
    "inviato",
    "a",
    "oggetto",
    "verzonden",
    "aan",
    "onderwerp",
    "sendt",
    "til",
    "emne",
    "skickat",
    "till",
    "ämne",
    "wysłano",
    "do",
    "temat",
    "отправлено",
    "дата",
    "кому",
    "тема",
    "发送时间",
    "收件人",
    "主题",
    "送信日時",
    "宛先",
    "件名",
];
/// Headers that must follow the first one, and how far behind it.
const WANTED: usize = 2;
const WITHIN: usize = 8;

/// What stands between dashes.
const SEPARATORS: &[&str] = &[
    "original message",
    "original appointment",
    "forwarded message",
    "reply message",
    "thư gốc",
    "tin nhắn gốc",
    "thư đã chuyển tiếp",
    "tin nhắn đã chuyển tiếp",
    "thư được chuyển tiếp",
    "nội dung gốc",
    "ursprüngliche nachricht",
    "ursprungliche nachricht",
    "originalnachricht",
    "weitergeleitete nachricht",
    "message d'origine",
    "message original",
    "message transféré",
    "mensaje original",
    "mensagem original",
    "messaggio originale",
    "oorspronkelijk bericht",
    "oprindelig meddelelse",
    "исходное сообщение",
    "пересылаемое сообщение",
    "原始邮件",
    "原始郵件",
    "转发的邮件",
    "元のメッセージ",
];

/// Whether a quoted mail begins here.
pub(super) fn begins(lines: &[&str]) -> bool {
    let Some(first) = lines.first().map(|line| line.trim()) else { return false };
    if separates(first) {
        return true;
    }
    let is_rule = first.len() >= 5 && first.chars().all(|character| matches!(character, '_' | '-'));
    if is_rule {
        let behind = lines.get(1..).unwrap_or_default();
        let skip = behind.iter().take_while(|line| line.trim().is_empty()).take(2).count();
        return behind.get(skip..).is_some_and(is_block);
    }
    is_block(lines)
}

fn separates(line: &str) -> bool {
    let words = line.trim_matches(|character: char| matches!(character, '-' | '_' | '=' | '*' | ' ' | ':' | '>'));
    let is_marked = line.starts_with(['-', '_', '=', '*']) || line.ends_with("--");
    if words.is_empty() || words.len() > 60 || !is_marked {
        return words.eq_ignore_ascii_case("begin forwarded message");
    }
    let words = words.to_lowercase();
    SEPARATORS.iter().any(|known| words == *known) || words == "begin forwarded message"
}

fn is_block(lines: &[&str]) -> bool {
    let name = |line: &&str| header(line).map(str::to_lowercase);
    let Some(first) = lines.first().and_then(name) else { return false };
    if !FROM.contains(&first.as_str()) {
        return false;
    }
    let next = lines.iter().skip(1).take(WITHIN).filter_map(name);
    next.filter(|name| NEXT.contains(&name.as_str())).take(WANTED).count() == WANTED
}

/// The name before the colon, when it is short; stars and quotes around it do not count.
fn header(line: &str) -> Option<&str> {
    let line = line.trim_start_matches(['>', ' ', '*', '|', '\u{feff}']);
    let (name, _) = line.split_once([':', '：'])?;
    let name = name.trim_matches(['*', ' ', '_']);
    (!name.is_empty() && name.chars().count() <= 16).then_some(name)
}
