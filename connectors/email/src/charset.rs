//! Bytes of mails as text: by the label where it is right, in NFC always.
//!
//! The Encoding Standard has no encoding of Viet Nam but windows-1258; VISCII (RFC 1456) and TCVN 5712-1 are small tables here.

mod vietnamese;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252, WINDOWS_1258};
use unicode_normalization::UnicodeNormalization as _;

pub(crate) use self::vietnamese::Vietnamese;

/// `quality.degraded` code of text that holds characters nobody could read.
pub(crate) const DAMAGED: &str = "charset_damaged";

/// What 8-bit text is read as that says nothing, or something wrong, about its encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fallback {
    /// Western European.
    #[default]
    Windows1252,
    /// Vietnamese.
    Windows1258,
    /// Vietnamese, TCVN 5712 (TCVN3, ABC).
    Tcvn,
    /// Vietnamese, VISCII.
    Viscii,
}

impl Fallback {
    /// As settings name them.
    pub(crate) const NAMES: [(&'static str, Self); 4] = [
        ("windows-1252", Self::Windows1252),
        ("windows-1258", Self::Windows1258),
        ("tcvn", Self::Tcvn),
        ("viscii", Self::Viscii),
    ];

    fn decode(self, bytes: &[u8]) -> String {
        match self {
            Self::Windows1252 => WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
            Self::Windows1258 => WINDOWS_1258.decode_without_bom_handling(bytes).0.into_owned(),
            Self::Tcvn => Vietnamese::Tcvn.decode(bytes),
            Self::Viscii => Vietnamese::Viscii.decode(bytes),
        }
    }
}

/// Composed, as everything that comes out is: windows-1258 writes letter and tone as two characters.
pub(crate) fn composed(text: &str) -> String {
    text.nfc().collect()
}

/// Decodes text. `known` is what the mail parser made of it, which knows a few encodings more (UTF-7, old code pages).
pub(crate) fn decode(label: Option<&str>, bytes: &[u8], known: &str, fallback: Fallback) -> String {
    let label = label.map(|label| label.trim().trim_matches('"').to_ascii_lowercase()).unwrap_or_default();
    if let Some(table) = Vietnamese::of(&label) {
        return composed(&table.decode(bytes));
    }
    let says_utf8 =
        matches!(label.as_str(), "" | "utf-8" | "utf8" | "us-ascii" | "ascii" | "unknown-8bit" | "x-unknown");
    if says_utf8 {
        // ISO-2022-JP is 7-bit, and often without a label.
        let escapes = bytes.windows(2).any(|pair| pair == b"\x1b$");
        let is_utf8 = std::str::from_utf8(bytes).is_ok();
        return match (is_utf8, escapes) {
            (true, true) => composed(&encoding_rs::ISO_2022_JP.decode_without_bom_handling(bytes).0),
            (true, false) => composed(&UTF_8.decode_with_bom_removal(bytes).0),
            (false, _) => composed(&fallback.decode(bytes)),
        };
    }
    if is_utf8_after_all(bytes) {
        return composed(&String::from_utf8_lossy(bytes));
    }
    let decoded = match Encoding::for_label(alias(&label).as_bytes()) {
        Some(encoding) if encoding != encoding_rs::REPLACEMENT => {
            encoding.decode_with_bom_removal(bytes).0.into_owned()
        }
        Some(_) | None => known.to_owned(),
    };
    composed(&decoded)
}

/// Whether the label is wrong and this is UTF-8: text of another encoding is valid UTF-8 by chance where it is short only.
fn is_utf8_after_all(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| {
        let wide = text.chars().filter(|character| !character.is_ascii());
        wide.take(4).map(|character| if character.len_utf8() > 2 { 4 } else { 1 }).sum::<u32>() >= 4
    })
}

/// Labels in use that the Encoding Standard does not list.
fn alias(label: &str) -> &str {
    match label {
        "cp1258" | "x-cp1258" | "windows1258" => "windows-1258",
        "cp932" => "shift_jis",
        "iso-2022-jp-ms" | "iso-2022-jp-1" | "iso-2022-jp-2" | "cp50220" | "cp50221" => "iso-2022-jp",
        "ks_c_5601" | "cp949" => "euc-kr",
        "cp936" | "x-gbk" => "gbk",
        "cp1252" | "latin1" | "latin-1" | "8859-1" => "windows-1252",
        other => other,
    }
}

/// What is wrong with decoded text, if anything.
pub(crate) fn damage(text: &str) -> Option<&'static str> {
    text.contains('\u{fffd}').then_some(DAMAGED)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(label: &str, bytes: &[u8]) -> String {
        decode(Some(label), bytes, "\u{fffd}", Fallback::Windows1252)
    }

    #[test]
    fn vietnamese_comes_out_the_same_from_every_encoding() {
        // Made with iconv(1).
        assert_eq!(read("windows-1258", b"Ti\xea\xecng Vi\xea\xf2t"), "Ti\u{1ebf}ng Vi\u{1ec7}t");
        assert_eq!(read("VISCII", b"Ti\xaang Vi\xaet"), "Tiếng Việt");
        assert_eq!(read("x-viet-tcvn5712", b"Ti\xd5ng Vi\xd6t"), "Tiếng Việt");
        assert_eq!(read("tcvn", b"e\xa8 \x01"), "eă Ú");
        assert_eq!(read("utf-8", "Tiếng".as_bytes()), "Tiếng");
    }

    #[test]
    fn labels_that_are_wrong_or_missing_are_seen_through() {
        assert_eq!(read("us-ascii", "Chào".as_bytes()), "Chào");
        assert_eq!(decode(None, b"Ch\xe0o", "", Fallback::Windows1258), "Chào");
        assert_eq!(decode(Some("utf-8"), b"Ch\xe0o", "", Fallback::Windows1252), "Chào");
        assert_eq!(read("shift_jis", "Tiếng Việt đây ạ".as_bytes()), "Tiếng Việt đây ạ");
        assert_eq!(read("", b"\x1b$B$3$s\x1b(B"), "こん");
        assert_eq!(read("ISO-2022-JP-MS", b"\x1b$B$3$s\x1b(B"), "こん");
        assert_eq!(read("ks_c_5601-1987", b"\xb0\xa1"), "가");
    }

    #[test]
    fn what_nobody_can_read_is_noticed() {
        assert_eq!(damage(&read("x-viet-vps", b"Ch\xe0o")), Some(DAMAGED));
        assert_eq!(damage("Chào"), None);
    }
}
