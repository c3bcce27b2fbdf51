//! Bodies as fields with names, whether they came as a form or as JSON: for channels whose facts are tables.

use std::collections::BTreeMap;

use crate::{
    Malformed,
    json::{self, Id, Raw},
};

/// Where a field stands: names with slashes between, numbers for places in a list. Of several the first that is there and
/// not empty counts.
pub type Paths = &'static [&'static str];

/// What a body holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Items {
    /// One event.
    One,
    /// A list of that name, one event each.
    List(&'static str),
}

/// One item of a body.
pub struct Item {
    fields: Fields,
    /// Its bytes.
    pub raw: Vec<u8>,
    /// What had to be mended to read it.
    pub mended: Option<&'static str>,
}

// By hand: the fields are a customer's words.
impl std::fmt::Debug for Item {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Item").field("size", &self.raw.len()).finish_non_exhaustive()
    }
}

enum Fields {
    Form(Vec<(String, String)>),
    Json(Vec<u8>),
}

/// Reads a body.
pub fn read(body: &[u8], items: Items) -> Result<Vec<Item>, Malformed> {
    let start = body.trim_ascii_start();
    match (start.first(), items) {
        (None, _) => Err(Malformed { reason: "unexpected_shape", detail: "the call is empty".into() }),
        (Some(b'{' | b'['), Items::One) => {
            let mended = json::object::<BTreeMap<String, Raw>>(body)?.degraded;
            Ok(vec![Item { fields: Fields::Json(body.to_vec()), raw: body.to_vec(), mended }])
        }
        (Some(b'{' | b'['), Items::List(name)) => {
            let whole = json::object::<BTreeMap<String, Raw>>(body)?;
            // Without the list it is one of its items, kept and read once more.
            let Some(list) = whole.value.get(name) else { return read(body, Items::One) };
            let list = json::parse::<Vec<Raw>>(list.get().as_bytes())?.value;
            let item = |raw: Raw| {
                let bytes = raw.get().as_bytes().to_vec();
                Item { fields: Fields::Json(bytes.clone()), raw: bytes, mended: whole.degraded }
            };
            Ok(list.into_iter().map(item).collect())
        }
        (Some(_), _) => {
            let pairs = form_urlencoded::parse(body).into_owned().collect();
            Ok(vec![Item { fields: Fields::Form(pairs), raw: body.to_vec(), mended: None }])
        }
    }
}

impl Item {
    /// One that came neither as a form nor as JSON, with the fields it has and the bytes it came as.
    pub fn of(fields: Vec<(&'static str, String)>, raw: Vec<u8>, mended: Option<&'static str>) -> Self {
        let pairs = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { fields: Fields::Form(pairs), raw, mended }
    }

    /// The first of the fields that is there: a text or number that is not empty.
    pub fn get(&self, paths: Paths) -> Option<String> {
        paths.iter().find_map(|path| self.get_at(path))
    }

    /// The same, when it is there at all, also empty.
    pub fn has(&self, path: &str) -> bool {
        match &self.fields {
            Fields::Form(pairs) => named(pairs, path).is_some(),
            Fields::Json(body) => descend(body, path).is_some(),
        }
    }

    /// What identifies the item where it has no id: a form without regard to the order of its fields, since signatures of
    /// forms do not cover it.
    pub fn canonical(&self) -> Vec<u8> {
        match &self.fields {
            Fields::Form(pairs) => {
                let mut pairs = pairs.clone();
                pairs.sort();
                pairs.dedup();
                form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into_bytes()
            }
            Fields::Json(body) => body.clone(),
        }
    }

    /// One field, as [`Item::get`].
    pub fn get_at(&self, path: &str) -> Option<String> {
        match &self.fields {
            Fields::Form(pairs) => named(pairs, path).map(ToOwned::to_owned),
            Fields::Json(body) => {
                let id = json::parse::<Id>(descend(body, path)?.get().as_bytes()).ok()?;
                Some(id.value.into())
            }
        }
        .filter(|text| !text.is_empty())
    }
}

/// By its exact name before one in another case: providers are not sure of theirs. Of several values the smallest counts,
/// whatever their order.
fn named<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let exact = pairs.iter().filter(|(key, _)| key == name).min();
    let found = exact.or_else(|| pairs.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name)).min());
    found.map(|(_, value)| value.as_str())
}

fn descend(body: &[u8], path: &str) -> Option<Raw> {
    let (name, rest) = path.split_once('/').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let found = if let Ok(place) = name.parse::<usize>() {
        json::parse::<Vec<Raw>>(body).ok()?.value.into_iter().nth(place)?
    } else {
        let mut members = json::object::<BTreeMap<String, Raw>>(body).ok()?.value;
        let key = members.keys().find(|key| *key == name);
        let key = key.or_else(|| members.keys().find(|key| key.eq_ignore_ascii_case(name))).cloned()?;
        members.remove(&key)?
    };
    match rest {
        Some(rest) => descend(found.get().as_bytes(), rest),
        None => Some(found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(body: &str) -> Item {
        read(body.as_bytes(), Items::One).unwrap().remove(0)
    }

    #[test]
    fn fields_are_found_by_path_and_keep_every_digit() {
        let item = one(r#"{"data":{"to":[{"n":"+84"}],"id":12345678901234567890123,"none":null,"empty":""}}"#);
        assert_eq!(item.get(&["data/to/0/n"]).as_deref(), Some("+84"));
        assert_eq!(item.get(&["data/empty", "data/none", "data/id"]).as_deref(), Some("12345678901234567890123"));
        assert_eq!(item.get(&["data", "data/to", "data/to/1/n", "x"]), None);
        assert!(item.has("data/none") && !item.has("data/x"));
        let form = one("SMSID=a%20b&Totalprice=5&empty=");
        assert_eq!(form.get(&["empty", "smsid"]).as_deref(), Some("a b"));
        assert!(form.has("empty"));
    }

    #[test]
    fn a_list_gives_its_items_and_a_body_of_another_shape_a_fault() {
        let body = br#"{"results":[{"a":1},{"a":2}]}"#;
        let items = read(body, Items::List("results")).unwrap();
        assert_eq!(items.iter().map(|item| item.raw.as_slice()).collect::<Vec<_>>(), [br#"{"a":1}"#, br#"{"a":2}"#]);
        assert_eq!(read(b"{\"a\":1}", Items::List("results")).unwrap().len(), 1, "an item that stands alone");
        for wrong in ["", "[1]", "{\"results\":1}", "{"] {
            assert!(read(wrong.as_bytes(), Items::List("results")).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_order_of_a_form_does_not_matter() {
        assert_eq!(one("b=2&a=1&a=1").canonical(), one("a=1&b=%32").canonical());
        assert_eq!(one("a=2&a=1").get(&["a"]), one("a=1&a=2").get(&["a"]));
    }
}
