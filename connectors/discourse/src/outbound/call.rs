//! Calls, and what became of them.

use std::slice::Iter;

use connector_sdk::outbound::{Answer, Body, Call, Effect, Method, Outcome, Step, TOKEN};
use serde_json::Value;

use super::errors;

/// Makes the calls of one piece, and takes their answers one after the other.
pub(super) struct Caller<'a> {
    pub(super) url: &'a str,
    pub(super) username: &'a str,
    pub(super) answers: Iter<'a, Answer>,
}

impl Caller<'_> {
    /// The answer; else the step that comes first.
    pub(super) fn call(&mut self, method: Method, path: &str, body: Body, effect: Effect) -> Result<Value, Box<Step>> {
        let Some(answer) = self.answers.next() else {
            let url = format!("{}{path}", self.url);
            let headers = vec![("Api-Key", TOKEN.to_owned()), ("Api-Username", self.username.to_owned())];
            return Err(Step::Call(Call { method, url, headers, body, effect }).into());
        };
        let done = |outcome: Outcome| Box::new(Step::Done(outcome));
        let reply = answer.to_call(effect).map_err(done)?;
        errors::read(reply, effect).map_err(done)
    }
}

/// Whether this can be an id: digits, as it stands in addresses.
pub(super) fn is_id(id: &str) -> bool {
    (1..=20).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit())
}
