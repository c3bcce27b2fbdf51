//! Headers that a parser of Unicode cannot read, made readable before it sees them.

use std::borrow::Cow;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use mail_parser::decoders::base64::base64_decode;

use crate::charset::{Fallback, Vietnamese, composed, decode};

/// Encoded words (RFC 2047) that are rewritten at most.
const MOST: usize = 1000;

/// The message with encoded words of Vietnamese encodings as UTF-8, and an 8-bit header block that is no UTF-8 as such.
/// Parts keep their bytes.
pub(super) fn readable(raw: &[u8], fallback: Fallback) -> Cow<'_, [u8]> {
    let end = header_end(raw);
    let (head, body) = raw.split_at(end);
    let head: Cow<'_, [u8]> = match std::str::from_utf8(head) {
        Ok(_) => head.into(),
        Err(_) => decode(None, head, "", fallback).into_bytes().into(),
    };
    let head = rewritten(&head).map_or(head, Cow::Owned);
    if head == raw.get(..end).unwrap_or_default() { raw.into() } else { [&head, body].concat().into() }
}

/// Where the empty line after the header block begins.
fn header_end(raw: &[u8]) -> usize {
    let ends = [b"\n\n".as_slice(), b"\n\r\n"];
    let found = ends.iter().filter_map(|end| raw.windows(end.len()).position(|window| window == *end));
    found.min().map_or(raw.len(), |at| at + 1)
}

fn rewritten(head: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(head).ok()?;
    let (mut out, mut rest, mut count) = (String::new(), text, 0);
    while let Some(at) = rest.find("=?").filter(|_| count < MOST) {
        let (before, word) = rest.split_at(at);
        out.push_str(before);
        let (length, replacement) = word_of(word).unwrap_or((2, None));
        let (word, behind) = word.split_at_checked(length)?;
        count += usize::from(replacement.is_some());
        out.push_str(replacement.as_deref().unwrap_or(word));
        rest = behind;
    }
    out.push_str(rest);
    (count > 0).then(|| out.into_bytes())
}

/// Length of the encoded word at the start of a text, and what to write instead.
fn word_of(text: &str) -> Option<(usize, Option<String>)> {
    let inner = text.strip_prefix("=?")?;
    let (charset, rest) = inner.split_once('?')?;
    let (coding, rest) = rest.split_once('?')?;
    let (data, _) = rest.split_once("?=")?;
    if charset.len() > 40 || coding.len() != 1 || data.contains(['\n', '?']) {
        return None;
    }
    let length = charset.len() + coding.len() + data.len() + 6;
    let label = charset.split('*').next().unwrap_or_default().to_ascii_lowercase();
    let Some(table) = Vietnamese::of(&label) else { return Some((length, None)) };
    let bytes = match coding {
        "b" | "B" => base64_decode(data.as_bytes())?,
        "q" | "Q" => quoted(data),
        _ => return Some((length, None)),
    };
    Some((length, Some(format!("=?utf-8?B?{}?=", STANDARD.encode(composed(&table.decode(&bytes)))))))
}

fn quoted(data: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(data.len());
    let mut rest = data.as_bytes();
    while let Some((byte, behind)) = rest.split_first() {
        rest = behind;
        let pair = (*byte == b'=').then(|| behind.get(..2)).flatten().and_then(|pair| hex::decode(pair).ok());
        match pair.as_deref() {
            Some([code]) => {
                bytes.push(*code);
                rest = behind.get(2..).unwrap_or_default();
            }
            _ => bytes.push(if *byte == b'_' { b' ' } else { *byte }),
        }
    }
    bytes
}
