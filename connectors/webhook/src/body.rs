//! The body of a call, as programs see it.

use connector_sdk::{Delivery, Malformed};
use jaq_json::{Map, Val};

use crate::json;

/// How bodies are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// JSON, whatever the content type says.
    Json,
    /// A web form: an object, with an array where a name stands several times.
    Form,
    /// Any text.
    Text,
}

/// Fields of a form at most.
const MOST_FIELDS: usize = 1000;

impl Format {
    /// Reads a body, with what had to be mended.
    pub(crate) fn read(self, body: &[u8]) -> Result<(Val, Option<&'static str>), Malformed> {
        match self {
            Self::Json => json::body(body),
            Self::Form => form(body),
            Self::Text => match std::str::from_utf8(body) {
                Ok(text) => Ok((json::text(text), None)),
                Err(_) => Ok((json::text(&String::from_utf8_lossy(body)), Some("invalid_utf8"))),
            },
        }
    }
}

fn form(body: &[u8]) -> Result<(Val, Option<&'static str>), Malformed> {
    let mut fields: Vec<(String, Vec<Val>)> = Vec::new();
    for (index, (name, value)) in form_urlencoded::parse(body).enumerate() {
        if index == MOST_FIELDS {
            let detail = format!("expected at most {MOST_FIELDS} fields");
            return Err(Malformed { reason: "unexpected_shape", detail });
        }
        let value = json::text(&value);
        match fields.iter_mut().find(|(known, _)| *known == *name) {
            Some((_, values)) => values.push(value),
            None => fields.push((name.into_owned(), vec![value])),
        }
    }
    if fields.is_empty() {
        return Err(Malformed { reason: "unexpected_shape", detail: "expected a form with fields".into() });
    }
    let members = fields.into_iter().map(|(name, mut values)| {
        let value = if values.len() == 1 { values.pop().unwrap_or_default() } else { values.into_iter().collect() };
        (json::text(&name), value)
    });
    Ok((Val::obj(members.collect::<Map>()), None))
}

/// The headers a program may see, by their names in lower case.
pub(crate) fn headers(delivery: Delivery<'_>, allowed: &[&'static str]) -> Val {
    let members = allowed.iter().filter_map(|name| {
        let value = delivery.header(name)?;
        Some((json::text(&name.to_ascii_lowercase()), json::text(value)))
    });
    Val::obj(members.collect::<Map>())
}
