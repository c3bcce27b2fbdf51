//! Filters that write texts in other ways.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jaq_core::ValX;
use jaq_json::Val;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::{Given, said, text, words};

/// What stays as it is in an address (RFC 3986, unreserved).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

pub(super) fn join<'a>(given: &Given<'a>) -> ValX<'a, Val> {
    let Val::Arr(items) = &given.input else { return Err(said("join takes an array").into()) };
    let between = given.argument(0);
    let between = words(&between)?;
    let mut joined = String::new();
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            given.meter.take(u64::try_from(between.len()).unwrap_or(u64::MAX) / 16)?;
            joined.push_str(between);
        }
        match item {
            Val::Null => {}
            Val::TStr(_) | Val::BStr(_) => joined.push_str(words(item)?),
            Val::Bool(_) | Val::Num(_) | Val::Arr(_) | Val::Obj(_) => joined.push_str(&item.to_string()),
        }
    }
    Ok(text(joined))
}

pub(super) fn decode_base64<'a>(given: &Given<'a>) -> ValX<'a, Val> {
    let bytes = STANDARD.decode(words(&given.input)?.trim()).map_err(|_| said("not base64"))?;
    Ok(text(String::from_utf8_lossy(&bytes).into_owned()))
}

pub(super) fn escape_html<'a>(given: &Given<'a>) -> ValX<'a, Val> {
    let mut escaped = String::new();
    for sign in words(&given.input)?.chars() {
        match sign {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '\'' => escaped.push_str("&#39;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    Ok(text(escaped))
}

pub(super) fn encode_base64<'a>(given: &Given<'a>) -> ValX<'a, Val> {
    Ok(text(STANDARD.encode(words(&given.input)?)))
}

pub(super) fn encode_uri<'a>(given: &Given<'a>) -> ValX<'a, Val> {
    Ok(text(utf8_percent_encode(words(&given.input)?, UNRESERVED).to_string()))
}

pub(super) fn decode_uri<'a>(given: &Given<'a>) -> ValX<'a, Val> {
    Ok(text(percent_decode_str(words(&given.input)?).decode_utf8_lossy().into_owned()))
}
