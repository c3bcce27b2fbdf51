//! Making a sample new: ids nobody has seen, and the time now.

use std::collections::HashMap;

use connector_sdk::{Fresh, Sample};
use kenh_runtime::clock;
use serde_json::{Value, json};
use uuid::Uuid;

/// The sample's body with new ids and the time now. Of a web form: its fields, and the JSON in them.
pub(crate) fn renewed(sample: &Sample, fresh: Fresh) -> String {
    let now = u64::try_from(clock::micros(clock::now())).unwrap_or_default();
    let mut renewal = Renewal { fresh, now, new: HashMap::new() };
    if let Ok(mut body) = serde_json::from_str::<Value>(sample.body) {
        renewal.renew(&mut body);
        return body.to_string();
    }
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (name, value) in form_urlencoded::parse(sample.body.as_bytes()) {
        form.append_pair(&name, &renewal.field(&name, &value));
    }
    form.finish()
}

struct Renewal {
    fresh: Fresh,
    /// Microseconds since 1970.
    now: u64,
    /// What was renewed, so that equal ids become equal ones and what points at a message still does.
    new: HashMap<String, String>,
}

impl Renewal {
    fn renew(&mut self, value: &mut Value) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    if let Some(prefix) = self.id_prefix(name, member) {
                        self.renew_ids(member, prefix);
                    } else if self.fresh.times.contains(&name.as_str()) {
                        self.renew_time(member);
                    } else {
                        self.renew(member);
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.renew(item)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn field(&mut self, name: &str, value: &str) -> String {
        if let Ok(mut body @ Value::Object(_)) = serde_json::from_str(value) {
            self.renew(&mut body);
            return body.to_string();
        }
        let mut member = json!({ name: value });
        self.renew(&mut member);
        member.get(name).and_then(Value::as_str).unwrap_or(value).to_owned()
    }

    /// What stays of a member's value, when it is an id.
    fn id_prefix(&self, name: &str, value: &Value) -> Option<&'static str> {
        self.fresh.ids.iter().find_map(|id| match id.split_once(':') {
            None => (*id == name).then_some(""),
            Some((member, prefix)) => {
                let begins = member == name && value.as_str().is_some_and(|value| value.starts_with(prefix));
                begins.then_some(prefix)
            }
        })
    }

    /// The same length and sort: digits stay digits, and a number's first digit keeps it in its range.
    fn renew_ids(&mut self, value: &mut Value, prefix: &str) {
        match value {
            Value::String(id) => {
                let digits = || format!("{prefix}{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
                let new =
                    self.new.entry(id.clone()).or_insert_with(|| digits().chars().take(id.len().min(64)).collect());
                id.clone_from(new);
            }
            Value::Number(id) => {
                let old = id.to_string();
                let new = self.new.entry(old.clone()).or_insert_with(|| {
                    let digits = Uuid::new_v4().as_u128().to_string();
                    old.chars().take(1).chain(digits.chars().rev()).take(old.len()).collect()
                });
                if let Ok(new) = new.parse::<u64>() {
                    *value = new.into();
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.renew_ids(item, prefix)),
            Value::Null | Value::Bool(_) | Value::Object(_) => {}
        }
    }

    /// Seconds stay seconds and text stays text. One with a fraction is an id too: equal ones stay equal, others differ.
    fn renew_time(&mut self, value: &mut Value) {
        let now = |old: u64| if old < 100_000_000_000 { self.now / 1_000_000 } else { self.now / 1000 };
        match value {
            Value::Number(old) => *value = old.as_u64().map_or(self.now / 1000, now).into(),
            Value::String(old) if old.contains('.') => {
                let later = self.now + u64::try_from(self.new.len()).unwrap_or_default();
                let moment = || format!("{}.{:06}", later / 1_000_000, later % 1_000_000);
                let new = self.new.entry(old.clone()).or_insert_with(moment);
                old.clone_from(new);
            }
            Value::String(old) => *old = old.parse().map_or(self.now / 1000, now).to_string(),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRESH: Fresh = Fresh { ids: &["id", "token"], times: &["ts", "at"] };

    fn sample(body: &'static str) -> Sample {
        Sample { name: "x", body, headers: &[] }
    }

    #[test]
    fn ids_are_new_of_the_same_length_and_equal_where_they_were() {
        let body = sample(
            r#"{"id":"abc","a":{"id":"abc"},"token":6012345678901234587,"b":[{"token":6012345678901234587}],"c":1}"#,
        );
        let new: Value = serde_json::from_str(&renewed(&body, FRESH)).unwrap();
        let (id, token) = (new["id"].as_str().unwrap(), new["token"].as_u64().unwrap());
        assert!(id.len() == 3 && id != "abc" && new["a"]["id"] == id);
        assert!(token.to_string().len() == 19 && token != 6_012_345_678_901_234_587 && new["b"][0]["token"] == token);
        assert_eq!(new["c"], 1);
    }

    #[test]
    fn an_id_may_be_told_by_how_it_begins() {
        const BY_PREFIX: Fresh = Fresh { ids: &["id:wamid."], times: &[] };
        let body = sample(r#"{"id":"wamid.Abcd","in":{"id":"wamid.Abcd"},"a":{"id":"40001"},"b":{"id":7}}"#);
        let new: Value = serde_json::from_str(&renewed(&body, BY_PREFIX)).unwrap();
        let id = new["id"].as_str().unwrap();
        assert!(id.starts_with("wamid.") && id.len() == 10 && id != "wamid.Abcd" && new["in"]["id"] == id);
        assert_eq!((&new["a"]["id"], &new["b"]["id"]), (&Value::from("40001"), &Value::from(7)));
    }

    #[test]
    fn times_keep_their_form() {
        let body = sample(
            r#"{"at":1767225600,"x":{"at":"1767225600123"},"ts":"1767225600.000100","y":[{"ts":"1767225600.000100"},{"ts":"1767225601.000100"}]}"#,
        );
        let new: Value = serde_json::from_str(&renewed(&body, FRESH)).unwrap();
        assert_eq!(new["at"].to_string().len(), 10);
        assert_eq!(new["x"]["at"].as_str().unwrap().len(), 13);
        let ts = new["ts"].as_str().unwrap();
        assert!(ts.len() == 17 && ts != "1767225600.000100");
        assert!(new["y"][0]["ts"] == ts && new["y"][1]["ts"] != ts);
    }

    #[test]
    fn a_form_stays_one_and_the_json_in_it_is_renewed() {
        let body = sample("payload=%7B%22id%22%3A%22abc%22%7D&id=abc&text=a+%26+b");
        let new = renewed(&body, FRESH);
        let fields: HashMap<_, _> = form_urlencoded::parse(new.as_bytes()).into_owned().collect();
        let payload: Value = serde_json::from_str(&fields["payload"]).unwrap();
        assert!(fields["id"] != "abc" && payload["id"] == fields["id"].as_str());
        assert_eq!(fields["text"], "a & b");
    }
}
