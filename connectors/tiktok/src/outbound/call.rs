//! Calls, and what became of them.

use std::slice::Iter;

use connector_sdk::outbound::{Answer, Body, Call, Effect, Method, Step, TOKEN, replied};
use serde_json::Value;

use super::errors;

/// Makes the calls of one piece, and takes their answers one after the other.
pub(super) struct Caller<'a> {
    pub(super) api_url: &'a str,
    pub(super) answers: Iter<'a, Answer>,
}

impl Caller<'_> {
    /// `data` of the answer; else the step that comes first.
    pub(super) fn post(&mut self, path: &str, body: Body, effect: Effect) -> Result<Value, Box<Step>> {
        let call = || {
            let url = format!("{}/open_api/v1.3/business/message/{path}/", self.api_url);
            let headers = vec![("Access-Token", TOKEN.to_owned())];
            Call { method: Method::Post, url, headers, body, effect }
        };
        let reply = replied(&mut self.answers, effect, call)?;
        errors::read(reply, effect).map_err(|outcome| Step::Done(outcome).into())
    }
}
