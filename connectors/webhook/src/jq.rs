//! jq programs that cannot run for ever.
//!
//! A program is read, checked and rewritten before it is compiled. What is checked: it calls only filters of a list, and
//! calls nothing that is being defined, so that nothing recurs; it is not nested too deeply, so that the stack suffices.
//! What is rewritten: at every place that can run more than once stands a filter that takes a step from a budget, and around
//! everything that makes or walks through a value one that takes as many steps as the value is large. Where the budget is
//! spent the run is halted, which no `try` catches. So the time of a run is bounded by its budget, and its memory by what the
//! budget can make, whatever the program and the body are. `README.md` has what is left out of jq.

mod check;
mod compile;
mod fault;
mod meter;
mod natives;
mod patterns;
mod rewrite;
mod time;

pub(crate) use compile::Program;
pub(crate) use fault::Fault;
pub(crate) use meter::{Bound, Meter};

/// What a run ends with before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The program failed, by `error` or by what it did to a value. What it said is not kept: it may be somebody's words.
    Error,
    /// A bound was reached.
    Bound(Bound),
}
