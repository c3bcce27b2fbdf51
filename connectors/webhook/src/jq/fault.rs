//! What is wrong with a program, and where.

use std::fmt;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Line and column within the program, from 1.
    at: Option<(usize, usize)>,
    message: String,
}

impl Fault {
    /// Of the program as a whole.
    pub(crate) fn whole(message: impl Into<String>) -> Self {
        Self { at: None, message: message.into() }
    }

    /// At a part of the program's own text.
    pub(crate) fn at(code: &str, part: &str, message: impl Into<String>) -> Self {
        Self { at: place(code, part), message: message.into() }
    }
}

/// Line and column of a part, where it is one of the text and not merely equal to one.
fn place(code: &str, part: &str) -> Option<(usize, usize)> {
    let offset = part.as_ptr().addr().checked_sub(code.as_ptr().addr())?;
    let before = code.get(..offset)?;
    let line = before.rsplit('\n').next().unwrap_or_default();
    Some((before.matches('\n').count() + 1, line.chars().count() + 1))
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((line, column)) = self.at {
            write!(f, "line {line}, column {column} of the program: ")?;
        }
        f.write_str(&self.message)
    }
}
