//! Names of folders as the protocol writes them: modified UTF-7 (RFC 3501 section 5.1.3).

use base64::{Engine as _, alphabet::IMAP_MUTF7, engine::GeneralPurpose, engine::general_purpose::NO_PAD};

const MODIFIED: GeneralPurpose = GeneralPurpose::new(&IMAP_MUTF7, NO_PAD);

/// Encodes a name.
pub(crate) fn encode(name: &str) -> String {
    let mut out = String::new();
    let mut wide = Vec::new();
    for character in name.chars() {
        if matches!(character, ' '..='~') {
            flush(&mut out, &mut wide);
            out.push(character);
            if character == '&' {
                out.push('-');
            }
        } else {
            wide.extend(character.encode_utf16(&mut [0; 2]).iter().flat_map(|unit| unit.to_be_bytes()));
        }
    }
    flush(&mut out, &mut wide);
    out
}

fn flush(out: &mut String, wide: &mut Vec<u8>) {
    if !wide.is_empty() {
        out.push('&');
        out.push_str(&MODIFIED.encode(&*wide));
        out.push('-');
        wide.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::encode;

    #[test]
    fn names_are_written_as_the_protocol_wants() {
        for (name, wanted) in [
            ("INBOX", "INBOX"),
            ("A&B", "A&-B"),
            // The example of RFC 3501.
            ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
            ("Hỗ trợ", "H&Htc- tr&HuM-"),
            ("😀", "&2D3eAA-"),
        ] {
            assert_eq!(encode(name), wanted);
        }
    }
}
