//! The one call of a message.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use connector_sdk::{
    ExposeSecret as _,
    outbound::{Body, Call, Method, Sending, TOKEN, basic},
};
use kenh_proto::v1::{Message, SendPurpose, part::Content};
use serde_json::{Value, json};

use super::{KIND, oauth, stringee};
use crate::{
    provider::{Auth, Field, Written},
    settings::Settings,
    text::Encoding,
};

/// What one field holds: nothing, something, or several of it.
enum Filled {
    Nothing,
    One(Value),
    Many(Vec<String>),
}

/// Makes it. `to` is a number as E.164 has it.
pub(crate) fn call(settings: &Settings, sending: &Sending<'_>, message: &Message, to: &str) -> Call {
    let sends = &settings.provider.sends;
    let body = message.text.as_ref().map(|text| text.body.as_str()).unwrap_or_default();
    let filled = sends.fields.iter().map(|(name, field)| (*name, fill(settings, sending, message, body, to, *field)));
    let body = if sends.form { form(filled) } else { object(filled) };
    // What people wrote may hold anything: the token stands where the table says, and nowhere else.
    let body = Body::TokenIn(sends.token_in, body.into());
    let url = format!("{}{}", settings.api_url, sends.path.replace("{user}", &path_segment(&settings.user)));
    let call = Call { method: Method::Post, url, headers: Vec::new(), body, effect: sends.effect };
    match sends.auth {
        Auth::Body => call,
        Auth::Basic => call.header("authorization", basic(&settings.user, TOKEN)),
        Auth::BasicToken(password) => call.header("authorization", basic(TOKEN, password)),
        Auth::Header(name, value) => call.header(name, value),
        Auth::StringeeJwt => {
            call.header("x-stringee-auth", stringee::token(&settings.user, sending.token, sending.now))
        }
    }
}

fn fill(settings: &Settings, sending: &Sending<'_>, message: &Message, body: &str, to: &str, field: Field) -> Filled {
    let one = |text: &str| Filled::One(text.into());
    let is_service = settings.provider.sends.has_services() && sending.account.starts_with("MG");
    match field {
        Field::To => one(&number(settings.provider.sends.written, to)),
        Field::From if is_service => Filled::Nothing,
        Field::Service if !is_service => Filled::Nothing,
        Field::From => one(&number(settings.provider.sends.written, sending.account)),
        Field::Service => one(sending.account),
        Field::Text if body.is_empty() => Filled::Nothing,
        Field::Text => one(body),
        Field::TextBase64 => one(&STANDARD.encode(body)),
        Field::Media => {
            let contents = message.parts.iter().filter_map(|part| part.content.as_ref());
            let urls = contents
                .filter_map(|content| if let Content::Media(media) = content { media.url.clone() } else { None });
            Filled::Many(urls.collect())
        }
        Field::Reference => one(sending.reference),
        Field::Callback => settings.callback_url.as_ref().map_or(Filled::Nothing, |url| one(url.expose_secret())),
        Field::User => one(&settings.user),
        Field::Token => one(TOKEN),
        Field::Session => one(&oauth::session(&settings.user, sending.account)),
        Field::Words(words) => one(words),
        Field::ByEncoding(gsm7, ucs2) => one(if Encoding::of(body) == Encoding::Gsm7 { gsm7 } else { ucs2 }),
        Field::Kind(general, advertising) => one(&kind(sending, general, advertising)),
        Field::KindNumber(general, advertising) => {
            let number = kind(sending, general, advertising).parse::<u32>().unwrap_or_default();
            Filled::One(number.into())
        }
    }
}

fn kind(sending: &Sending<'_>, general: &str, advertising: &str) -> String {
    let by_purpose = if sending.purpose == SendPurpose::Promotion { advertising } else { general };
    sending.options.get(KIND).map_or(by_purpose, String::as_str).to_owned()
}

/// A number as the provider wants it; a name or short code as it is.
fn number(written: Written, address: &str) -> String {
    let Some(digits) = address.strip_prefix('+') else { return address.to_owned() };
    match (written, digits.strip_prefix("84")) {
        (Written::Plus, _) => address.to_owned(),
        (Written::National, Some(national)) => format!("0{national}"),
        (Written::Digits | Written::National, _) => digits.to_owned(),
    }
}

fn form<'a>(filled: impl Iterator<Item = (&'static str, Filled)> + 'a) -> Body {
    let mut fields = Vec::new();
    for (name, filled) in filled {
        match filled {
            Filled::Nothing => {}
            Filled::One(value) => fields.push((name, value.as_str().map_or_else(|| value.to_string(), Into::into))),
            Filled::Many(values) => fields.extend(values.into_iter().map(|value| (name, value))),
        }
    }
    Body::Form(fields)
}

fn object<'a>(filled: impl Iterator<Item = (&'static str, Filled)> + 'a) -> Body {
    let mut object = json!({});
    for (path, filled) in filled {
        let value = match filled {
            Filled::Nothing => continue,
            Filled::Many(values) if values.is_empty() => continue,
            Filled::One(value) => value,
            Filled::Many(values) => values.into(),
        };
        put(&mut object, path, value);
    }
    Body::Json(object)
}

/// Puts a value at a path: names with slashes between, `0` for the one item of a list.
fn put(place: &mut Value, path: &str, value: Value) {
    let (name, rest) = path.split_once('/').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let place = if name == "0" {
        if !place.is_array() {
            *place = json!([null]);
        }
        place.get_mut(0)
    } else {
        if !place.is_object() {
            *place = json!({});
        }
        place.as_object_mut().map(|members| members.entry(name).or_insert(Value::Null))
    };
    match (place, rest) {
        (Some(place), Some(rest)) => put(place, rest, value),
        (Some(place), None) => *place = value,
        (None, _) => {}
    }
}

/// A configured name as a part of a path.
fn path_segment(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_put_where_the_path_says() {
        let mut object = json!({});
        put(&mut object, "messages/0/destinations/0/to", "84".into());
        put(&mut object, "messages/0/text", "x".into());
        put(&mut object, "n", 1.into());
        assert_eq!(object, json!({"messages": [{"destinations": [{"to": "84"}], "text": "x"}], "n": 1}));
    }

    #[test]
    fn numbers_are_written_as_wanted() {
        assert_eq!(number(Written::Plus, "+84912345678"), "+84912345678");
        assert_eq!(number(Written::Digits, "+84912345678"), "84912345678");
        assert_eq!(number(Written::National, "+84912345678"), "0912345678");
        assert_eq!(number(Written::National, "+6591234567"), "6591234567");
        assert_eq!(number(Written::Digits, "MYSHOP"), "MYSHOP");
    }
}
