//! Reading one mapping of the tree.

use std::{str::FromStr, time::Duration};

use super::{Faults, Node, Origin, Value, node::join, units};
use crate::Secret;

/// A mapping being read. Each method reads one key and notes what is wrong with it; after a fault a harmless value is
/// returned, so that reading goes on and finds the rest. [`Section::finish`] names the keys that nobody asked for.
#[derive(Debug)]
pub struct Section<'a> {
    entries: &'a [(String, Origin, Node)],
    origin: &'a Origin,
    path: String,
    known: Vec<&'static str>,
    families: Vec<&'static str>,
    faults: &'a mut Faults,
}

impl<'a> Section<'a> {
    /// Starts reading a node that should be a mapping.
    pub fn new(node: &'a Node, path: impl Into<String>, faults: &'a mut Faults) -> Self {
        let path = path.into();
        let entries = match &node.value {
            Value::Map(entries) => entries.as_slice(),
            Value::Null => &[],
            Value::Text(_) | Value::List(_) => {
                faults.push(&node.origin, &path, "expected a mapping of settings");
                &[]
            }
        };
        Self { entries, origin: &node.origin, path, known: Vec::new(), families: Vec::new(), faults }
    }

    /// A text that must be there and not be empty.
    pub fn required_text(&mut self, key: &'static str) -> String {
        if let Some(text) = self.text(key) {
            return text;
        }
        if self.entry(key).is_none_or(|node| matches!(node.value, Value::Null)) {
            self.missing(key);
        }
        String::new()
    }

    /// A text that may be absent.
    pub fn text(&mut self, key: &'static str) -> Option<String> {
        self.scalar(key, "a text", |text| (!text.is_empty()).then(|| text.to_owned()))
    }

    /// A value of any type that is written as text: an address, a number.
    pub fn value<T: FromStr>(&mut self, key: &'static str, expected: &str, default: T) -> T {
        self.scalar(key, expected, |text| text.parse().ok()).unwrap_or(default)
    }

    /// A number within bounds.
    pub fn number(&mut self, key: &'static str, bounds: std::ops::RangeInclusive<u64>, default: u64) -> u64 {
        let expected = format!("a whole number from {} to {}", bounds.start(), bounds.end());
        self.scalar(key, &expected, |text| text.parse().ok().filter(|n| bounds.contains(n))).unwrap_or(default)
    }

    /// A duration: `250ms`, `15s`, `2m`, `8h`, `7d`.
    pub fn duration(&mut self, key: &'static str, default: Duration) -> Duration {
        self.scalar(key, "a duration such as 250ms, 15s, 2m, 8h or 7d", units::parse_duration).unwrap_or(default)
    }

    /// A number of bytes: `512KiB`, `4MiB`, `10GiB`, `1000`.
    pub fn bytes(&mut self, key: &'static str, default: u64) -> u64 {
        self.scalar(key, "a size such as 512KiB, 4MiB or 10GiB", units::parse_bytes).unwrap_or(default)
    }

    /// Yes or no.
    pub fn boolean(&mut self, key: &'static str, default: bool) -> bool {
        self.value(key, "true or false", default)
    }

    /// One of a few words.
    pub fn choice<T: Copy>(&mut self, key: &'static str, choices: &[(&str, T)], default: T) -> T {
        let words: Vec<_> = choices.iter().map(|(word, _)| *word).collect();
        let expected = format!("one of: {}", words.join(", "));
        let pick = |text: &str| choices.iter().find(|(word, _)| *word == text).map(|(_, choice)| *choice);
        self.scalar(key, &expected, pick).unwrap_or(default)
    }

    /// A secret that must be there and not be empty.
    pub fn required_secret(&mut self, key: &'static str) -> Secret {
        self.required_text(key).into()
    }

    /// A secret that may be absent.
    pub fn secret(&mut self, key: &'static str) -> Option<Secret> {
        self.text(key).map(Secret::from)
    }

    /// One secret or a list of them (several are active while one is being replaced). At least one.
    pub fn required_secrets(&mut self, key: &'static str) -> Vec<Secret> {
        let secrets = self.texts(key);
        if secrets.is_empty() && self.entry(key).is_none_or(|node| !matches!(node.value, Value::Text(_))) {
            self.missing(key);
        }
        secrets.into_iter().map(Secret::from).collect()
    }

    /// One text or a list of them; may be absent.
    pub fn texts(&mut self, key: &'static str) -> Vec<String> {
        let Some(node) = self.take(key) else { return Vec::new() };
        let items = match &node.value {
            Value::List(items) => items.as_slice(),
            Value::Null => &[],
            Value::Text(_) | Value::Map(_) => std::slice::from_ref(node),
        };
        let mut texts = Vec::new();
        for item in items {
            match &item.value {
                Value::Text(text) if !text.is_empty() => texts.push(text.clone()),
                Value::Null | Value::Text(_) | Value::List(_) | Value::Map(_) => {
                    self.faults.push(&item.origin, &join(&self.path, key), "expected a text that is not empty");
                }
            }
        }
        texts
    }

    /// Notes a fault of one key that no other method finds.
    pub fn fault(&mut self, key: &'static str, message: impl Into<String>) {
        let origin = self.entry(key).map_or(self.origin, |node| &node.origin);
        self.faults.push(origin, &join(&self.path, key), message);
    }

    /// Reads a mapping below this one; absent is as good as empty.
    pub fn section<T>(&mut self, key: &'static str, read: impl FnOnce(&mut Section<'_>) -> T) -> T {
        let empty = Node::empty();
        let node = self.take(key).unwrap_or(&empty);
        let mut section = Section::new(node, join(&self.path, key), self.faults);
        let value = read(&mut section);
        section.finish();
        value
    }

    /// The same, only where it is there.
    pub fn optional<T>(&mut self, key: &'static str, read: impl FnOnce(&mut Section<'_>) -> T) -> Option<T> {
        self.take(key)?;
        Some(self.section(key, read))
    }

    /// Texts by names the user chose, in the order of the file; absent is as good as empty.
    pub fn named_texts(&mut self, key: &'static str) -> Vec<(String, String)> {
        let Some(node) = self.take(key) else { return Vec::new() };
        let entries = match &node.value {
            Value::Map(entries) => entries.as_slice(),
            Value::Null => &[],
            Value::Text(_) | Value::List(_) => {
                self.faults.push(&node.origin, &join(&self.path, key), "expected a mapping of names to texts");
                &[]
            }
        };
        let mut texts = Vec::new();
        for (name, origin, node) in entries {
            if let Value::Text(text) = &node.value {
                texts.push((name.clone(), text.clone()));
            } else {
                self.faults.push(origin, &join(&join(&self.path, key), name), "expected a text");
            }
        }
        texts
    }

    /// Reads every mapping of a list below this one; absent is as good as empty.
    pub fn list(&mut self, key: &'static str, mut read: impl FnMut(&mut Section<'_>)) {
        let Some(node) = self.take(key) else { return };
        let path = join(&self.path, key);
        match &node.value {
            Value::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    let mut section = Section::new(item, format!("{path}[{index}]"), self.faults);
                    read(&mut section);
                    section.finish();
                }
            }
            Value::Null => {}
            Value::Text(_) | Value::Map(_) => self.faults.push(&node.origin, &path, "expected a list"),
        }
    }

    /// Whether a key is there.
    pub fn has(&self, key: &str) -> bool {
        self.entry(key).is_some_and(|node| !matches!(node.value, Value::Null))
    }

    /// Reads every mapping below this one whose key the user chose.
    pub fn each(&mut self, mut read: impl FnMut(&str, &Origin, &mut Section<'_>)) {
        for (key, origin, node) in self.entries {
            let mut section = Section::new(node, join(&self.path, key), self.faults);
            read(key, origin, &mut section);
            section.finish();
        }
        self.entries = &[];
    }

    /// Reads every mapping below this one whose key begins with a prefix; the user chose the rest of it.
    pub fn family(&mut self, prefix: &'static str, mut read: impl FnMut(&str, &Origin, &mut Section<'_>)) {
        self.families.push(prefix);
        for (key, origin, node) in self.entries.iter().filter(|(key, ..)| key.starts_with(prefix)) {
            let mut section = Section::new(node, join(&self.path, key), self.faults);
            read(key, origin, &mut section);
            section.finish();
        }
    }

    /// Leaves a key alone, whatever it holds.
    pub fn ignore(&mut self, key: &'static str) {
        self.take(key);
    }

    /// Leaves all keys alone: something else is wrong with what they belong to.
    pub fn ignore_all(&mut self) {
        self.entries = &[];
    }

    /// Notes this section's own fault.
    pub fn refuse(&mut self, origin: &Origin, message: impl Into<String>) {
        self.faults.push(origin, &self.path, message);
    }

    /// Notes every key that nobody asked for, with the nearest one that exists.
    pub fn finish(self) {
        for (key, origin, _) in self.entries {
            let in_family = self.families.iter().any(|prefix| key.starts_with(prefix));
            if !in_family && !self.known.contains(&key.as_str()) {
                let message = unknown(key, &self.known);
                self.faults.push(origin, &join(&self.path, key), message);
            }
        }
    }

    fn scalar<T>(&mut self, key: &'static str, expected: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let node = self.take(key)?;
        let value = match &node.value {
            Value::Null => return None,
            Value::Text(text) => read(text),
            Value::List(_) | Value::Map(_) => None,
        };
        if value.is_none() {
            self.faults.push(&node.origin, &join(&self.path, key), format!("expected {expected}"));
        }
        value
    }

    fn take(&mut self, key: &'static str) -> Option<&'a Node> {
        if !self.known.contains(&key) {
            self.known.push(key);
        }
        self.entry(key)
    }

    fn entry(&self, key: &str) -> Option<&'a Node> {
        self.entries.iter().find(|(name, _, _)| name == key).map(|(_, _, node)| node)
    }

    fn missing(&mut self, key: &str) {
        self.faults.push(self.origin, &join(&self.path, key), "is required");
    }
}

/// What to say of a key that does not exist, given the ones that do.
pub(crate) fn unknown<'a>(key: &str, known: &[&'a str]) -> String {
    let nearest: Option<&&'a str> =
        known.iter().max_by(|a, b| strsim::jaro_winkler(key, a).total_cmp(&strsim::jaro_winkler(key, b)));
    match nearest {
        Some(nearest) if strsim::jaro_winkler(key, nearest) > 0.8 => format!("unknown, did you mean `{nearest}`?"),
        _ if known.is_empty() => "unknown: nothing is expected here".into(),
        _ => format!("unknown; known here: {}", known.join(", ")),
    }
}
