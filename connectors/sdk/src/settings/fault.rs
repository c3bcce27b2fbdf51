//! What is wrong with a configuration.

use std::fmt;

use super::Origin;

/// One thing that is wrong, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where it is written.
    pub origin: Origin,
    /// The dotted path of the setting: `channels.zalo.main.app_id`.
    pub path: String,
    /// What is wrong and what to do.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.origin {
            Origin::Line { line, column } => write!(f, "line {line}, column {column}: ")?,
            Origin::Environment(name) => write!(f, "environment variable {name}: ")?,
            Origin::Absent => {}
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)
    }
}

/// Everything that is wrong.
#[derive(Debug, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Notes one more.
    pub fn push(&mut self, origin: &Origin, path: &str, message: impl Into<String>) {
        self.0.push(Fault { origin: origin.clone(), path: path.into(), message: message.into() });
    }

    /// In the order of the file.
    pub fn sorted(mut self) -> Vec<Fault> {
        self.0.sort_by_key(|fault| match fault.origin {
            Origin::Line { line, column } => (0, line, column),
            Origin::Environment(_) => (1, 0, 0),
            Origin::Absent => (2, 0, 0),
        });
        self.0
    }
}
