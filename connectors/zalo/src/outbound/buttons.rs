//! Buttons and what happens when they are tapped.

use kenh_proto::v1::{Button, Card};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

/// Buttons below a message at most. Of the older message API; for today's none is published.
pub(super) const MOST: usize = 5;

const OPEN_URL: &str = "oa.open.url";
const OPEN_PHONE: &str = "oa.open.phone";
const OPEN_SMS: &str = "oa.open.sms";
const QUERY_SHOW: &str = "oa.query.show";
const QUERY_HIDE: &str = "oa.query.hide";

/// An action in Zalo's words.
struct Action {
    kind: &'static str,
    payload: Value,
}

/// What a tap does. `type` may be one of Zalo's own; else the address decides (`tel:`, `sms:`, web), and without one the
/// tap writes to the account: the title for all to see, or the payload, which is hidden.
fn action(button: &Button) -> Action {
    let url = button.url.as_deref().unwrap_or_default();
    let payload = button.payload.as_deref();
    let scheme = url.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    match (button.r#type.as_deref(), scheme.as_deref()) {
        (Some(OPEN_PHONE), _) | (_, Some("tel")) => {
            let number = if url.is_empty() { payload.unwrap_or_default() } else { url };
            Action { kind: OPEN_PHONE, payload: json!({"phone_code": digits(number)}) }
        }
        (_, Some("sms")) => {
            let (number, query) = url.split_once('?').unwrap_or((url, ""));
            let body = query.split('&').find_map(|pair| pair.strip_prefix("body=")).unwrap_or_default();
            let content = percent_decode_str(body).decode_utf8_lossy();
            Action { kind: OPEN_SMS, payload: json!({"phone_code": digits(number), "content": content}) }
        }
        (_, Some(_)) => Action { kind: OPEN_URL, payload: json!({"url": url}) },
        (Some(QUERY_SHOW), None) => Action { kind: QUERY_SHOW, payload: payload.unwrap_or(&button.title).into() },
        (Some(QUERY_HIDE), None) => Action { kind: QUERY_HIDE, payload: payload.unwrap_or(&button.title).into() },
        (_, None) => match payload {
            Some(payload) if payload != button.title => Action { kind: QUERY_HIDE, payload: payload.into() },
            Some(_) | None => Action { kind: QUERY_SHOW, payload: button.title.clone().into() },
        },
    }
}

/// Digits of `tel:` and `sms:` addresses and of numbers as people write them.
fn digits(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).collect()
}

/// Buttons below a message.
pub(super) fn below<'a>(buttons: impl IntoIterator<Item = &'a Button>) -> Vec<Value> {
    let button = |button: &Button| {
        let Action { kind, payload } = action(button);
        json!({"title": button.title, "type": kind, "payload": payload})
    };
    buttons.into_iter().map(button).collect()
}

/// What a tap on a row does: its address, else its first button.
fn of_row(row: &Card) -> Option<Value> {
    if let Some(url) = &row.url {
        return Some(json!({"type": OPEN_URL, "url": url}));
    }
    let Action { kind, payload } = action(row.buttons.first()?);
    let address = payload.get("url").filter(|_| kind == OPEN_URL).cloned();
    Some(address.map_or_else(|| json!({"type": kind, "payload": payload}), |url| json!({"type": kind, "url": url})))
}

/// A row of a list.
pub(super) fn row(row: &Card) -> Value {
    let members = [
        ("title", row.title.clone().map(Value::from)),
        ("subtitle", row.subtitle.clone().map(Value::from)),
        ("image_url", row.image_url.clone().map(Value::from)),
        ("default_action", of_row(row)),
    ];
    members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// Buttons of a row for which a tap on the row does not stand: they go below the list.
pub(super) fn left_over(row: &Card) -> &[Button] {
    row.buttons.get(usize::from(row.url.is_none())..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(kind: Option<&str>, payload: Option<&str>, url: Option<&str>) -> Value {
        let owned = |text: Option<&str>| text.map(Into::into);
        let button = Button { title: "Nút".into(), r#type: owned(kind), payload: owned(payload), url: owned(url) };
        let Action { kind, payload } = action(&button);
        json!([kind, payload])
    }

    #[test]
    fn a_button_does_what_its_address_or_payload_says() {
        let web = shown(None, None, Some("https://s.example.test/1"));
        assert_eq!(web, json!([OPEN_URL, {"url": "https://s.example.test/1"}]));
        assert_eq!(shown(None, None, Some("tel:+84-912-345-678")), json!([OPEN_PHONE, {"phone_code": "84912345678"}]));
        assert_eq!(
            shown(Some(OPEN_PHONE), Some("0912345678"), None),
            json!([OPEN_PHONE, {"phone_code": "0912345678"}])
        );
        let sms = shown(None, None, Some("sms:+84912345678?body=Xin%20ch%C3%A0o"));
        assert_eq!(sms, json!([OPEN_SMS, {"phone_code": "84912345678", "content": "Xin chào"}]));
        assert_eq!(shown(None, Some("#mua"), None), json!([QUERY_HIDE, "#mua"]));
        assert_eq!(shown(Some(QUERY_SHOW), Some("#mua"), None), json!([QUERY_SHOW, "#mua"]));
        assert_eq!(shown(Some("postback"), Some("Nút"), None), json!([QUERY_SHOW, "Nút"]));
        assert_eq!(shown(None, None, None), json!([QUERY_SHOW, "Nút"]));
    }
}
