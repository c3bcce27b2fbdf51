//! Calls, and what became of them.

use std::slice::Iter;

pub(super) use connector_sdk::address::is_number as is_id;
use connector_sdk::outbound::{Answer, Body, Call, Effect, Method, Step, TOKEN, replied};
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
        let call = || {
            let url = format!("{}{path}", self.url);
            let headers = vec![("Api-Key", TOKEN.to_owned()), ("Api-Username", self.username.to_owned())];
            Call { method, url, headers, body, effect }
        };
        let reply = replied(&mut self.answers, effect, call)?;
        errors::read(reply, effect).map_err(|outcome| Step::Done(outcome).into())
    }
}
