//! What each method needs.

use crate::Right;

/// What a caller needs to call a method at all. What the right has to cover, the method itself asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: not even to say who calls.
    Nothing,
    /// To be known, where callers have to prove who they are.
    Identity,
    /// A right to something.
    Right(Right),
}

/// A row of the table: a method and what it needs.
#[derive(Debug, Clone, Copy)]
pub struct Method {
    /// `/package.Service/Method`, as on the wire.
    pub path: &'static str,
    /// What it needs.
    pub needs: Needs,
    /// Whether it is a stream that stays open, which counts against the client's streams and ends with its proof.
    pub streams: bool,
}

impl Method {
    /// A method that answers once.
    pub const fn unary(path: &'static str, needs: Needs) -> Self {
        Self { path, needs, streams: false }
    }

    /// A method that keeps a stream open.
    pub const fn stream(path: &'static str, needs: Needs) -> Self {
        Self { path, needs, streams: true }
    }

    /// Whether every call stands in the audit log, not only those that were refused.
    pub(crate) fn is_audited(&self) -> bool {
        matches!(self.needs, Needs::Right(Right::Send | Right::Manage | Right::Raw | Right::Connector))
    }
}
