//! Calls of a piece, made one after the other.

use std::slice::Iter;

use super::{Answer, Call, Effect, Outcome, Reply, Step};

/// Why a call has no result. `H`: what of a refusal is worth another way.
#[derive(Debug)]
pub enum Stop<H> {
    /// Something has to be done first.
    Next(Box<Step>),
    /// It has ended.
    Ended(Outcome, Option<H>),
}

impl<H> From<Stop<H>> for Step {
    fn from(stop: Stop<H>) -> Self {
        match stop {
            Stop::Next(next) => *next,
            Stop::Ended(outcome, _) => Self::Done(outcome),
        }
    }
}

/// The channel's reply to the call whose answer is next. `Err` is the call, as long as there is no answer, or how the piece ends
/// without a reply.
pub fn replied<'a>(
    answers: &mut Iter<'a, Answer>,
    effect: Effect,
    call: impl FnOnce() -> Call,
) -> Result<&'a Reply, Box<Step>> {
    let answer = answers.next().ok_or_else(|| Step::Call(call()))?;
    Ok(answer.to_call(effect).map_err(Step::Done)?)
}
