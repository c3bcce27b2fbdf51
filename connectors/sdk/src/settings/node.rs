//! The tree a YAML file is read into: scalars are kept as text, every node knows its line.

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::Faults;

/// A node of the tree.
#[derive(Debug, Clone)]
pub struct Node {
    /// What it holds.
    pub value: Value,
    /// Where it is written.
    pub origin: Origin,
}

/// What a node holds.
#[derive(Clone)]
pub enum Value {
    /// Nothing, `~` or `null`.
    Null,
    /// Text; numbers and booleans are text too until a setting asks for them.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A mapping, in the order of the file, with the place of each key.
    Map(Vec<(String, Origin, Node)>),
}

// By hand: a text may be a secret.
impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Null => f.write_str("Null"),
            Self::Text(_) => f.write_str("Text(..)"),
            Self::List(items) => items.fmt(f),
            Self::Map(entries) => f.debug_map().entries(entries.iter().map(|(key, _, node)| (key, node))).finish(),
        }
    }
}

/// Where something is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// In the file; both count from 1.
    Line {
        /// Line.
        line: usize,
        /// Column.
        column: usize,
    },
    /// In this environment variable.
    Environment(String),
    /// Nowhere.
    Absent,
}

impl Node {
    /// An empty mapping.
    pub fn empty() -> Self {
        Self { value: Value::Map(Vec::new()), origin: Origin::Absent }
    }

    /// Puts a text at a path of keys, in place of what is there.
    pub fn set(&mut self, path: &[&str], text: &str, origin: &Origin) {
        let Some((key, rest)) = path.split_first() else {
            *self = Self { value: Value::Text(text.into()), origin: origin.clone() };
            return;
        };
        if !matches!(self.value, Value::Map(_)) {
            self.value = Value::Map(Vec::new());
        }
        let Value::Map(entries) = &mut self.value else { return };
        if let Some((_, _, node)) = entries.iter_mut().find(|(name, _, _)| name == key) {
            return node.set(rest, text, origin);
        }
        let mut node = Self { value: Value::Map(Vec::new()), origin: origin.clone() };
        node.set(rest, text, origin);
        entries.push(((*key).into(), origin.clone(), node));
    }

    /// Visits every text of the tree.
    pub fn visit_text(&mut self, path: &str, visit: &mut impl FnMut(&str, &Origin, &mut String)) {
        match &mut self.value {
            Value::Null => {}
            Value::Text(text) => visit(path, &self.origin, text),
            Value::List(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    item.visit_text(&format!("{path}[{index}]"), visit);
                }
            }
            Value::Map(entries) => {
                for (key, _, node) in entries {
                    node.visit_text(&join(path, key), visit);
                }
            }
        }
    }
}

pub(super) fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.into() } else { format!("{path}.{key}") }
}

/// Reads a YAML document. A file that is no YAML is one fault; repeated keys and aliases are a fault each.
pub fn parse(text: &str, faults: &mut Faults) -> Node {
    let mut reader = Reader { parser: Parser::new_from_str(text), faults, depth: 0 };
    loop {
        match reader.next() {
            Some((Event::DocumentStart(_), _)) => {
                return reader.next().map_or_else(Node::empty, |(event, span)| reader.node(event, span, ""));
            }
            Some((Event::StreamEnd, _)) | None => return Node::empty(),
            Some(_) => {}
        }
    }
}

const MAX_DEPTH: usize = 32;

struct Reader<'a, 'f> {
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
    faults: &'f mut Faults,
    depth: usize,
}

impl<'a> Reader<'a, '_> {
    fn next(&mut self) -> Option<(Event<'a>, Span)> {
        match self.parser.next_event()? {
            Ok(next) => Some(next),
            Err(error) => {
                let origin = Origin::Line { line: error.marker().line(), column: error.marker().col() + 1 };
                self.faults.push(&origin, "", format!("not YAML: {}", error.info()));
                None
            }
        }
    }

    fn node(&mut self, event: Event<'a>, span: Span, path: &str) -> Node {
        let origin = origin(span);
        let value = match event {
            Event::Scalar(text, ScalarStyle::Plain, _, _) if matches!(text.as_ref(), "" | "~" | "null") => Value::Null,
            Event::Scalar(text, ..) => Value::Text(text.into_owned()),
            Event::SequenceStart(..) | Event::MappingStart(..) if self.depth == MAX_DEPTH => {
                self.faults.push(&origin, path, "nested too deeply");
                while self.next().is_some() {}
                Value::Null
            }
            Event::SequenceStart(..) => Value::List(self.list(path)),
            Event::MappingStart(..) => Value::Map(self.map(path)),
            Event::Alias(_) => {
                self.faults.push(&origin, path, "aliases are not supported, write the value out");
                Value::Null
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd
            | Event::SequenceEnd
            | Event::MappingEnd => Value::Null,
        };
        Node { value, origin }
    }

    fn list(&mut self, path: &str) -> Vec<Node> {
        self.depth += 1;
        let mut items = Vec::new();
        while let Some((event, span)) = self.next() {
            if event == Event::SequenceEnd {
                break;
            }
            let path = format!("{path}[{}]", items.len());
            items.push(self.node(event, span, &path));
        }
        self.depth -= 1;
        items
    }

    fn map(&mut self, path: &str) -> Vec<(String, Origin, Node)> {
        self.depth += 1;
        let mut entries: Vec<(String, Origin, Node)> = Vec::new();
        while let Some((event, span)) = self.next() {
            if event == Event::MappingEnd {
                break;
            }
            let at = origin(span);
            let key = if let Event::Scalar(key, ..) = event {
                key.into_owned()
            } else {
                self.node(event, span, path);
                self.faults.push(&at, path, "a key must be a plain text");
                String::new()
            };
            let Some((event, span)) = self.next() else { break };
            let path = join(path, &key);
            let node = self.node(event, span, &path);
            if let Some((_, Origin::Line { line, .. }, _)) = entries.iter().find(|(name, _, _)| *name == key) {
                self.faults.push(&at, &path, format!("stands here a second time, first on line {line}"));
            } else {
                entries.push((key, at, node));
            }
        }
        self.depth -= 1;
        entries
    }
}

fn origin(span: Span) -> Origin {
    Origin::Line { line: span.start.line(), column: span.start.col() + 1 }
}
