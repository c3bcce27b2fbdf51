//! Calls, and what became of them.

use std::slice::Iter;

use connector_sdk::outbound::{Answer, Body, Call, Effect, Method, Outcome, Step, TOKEN};
use serde_json::Value;

use super::errors;

/// Makes the calls of one piece, and takes their answers one after the other.
pub(super) struct Caller<'a> {
    pub(super) api_url: &'a str,
    pub(super) answers: Iter<'a, Answer>,
}

/// What is called.
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) body: Body,
    pub(super) effect: Effect,
}

impl Request {
    /// A call that somebody sees.
    pub(super) fn post(path: impl Into<String>, body: Value) -> Self {
        Self { method: Method::Post, path: path.into(), body: Body::Json(body), effect: Effect::Visible }
    }
}

impl Caller<'_> {
    /// `data` of the answer; else the step that comes first.
    pub(super) fn call(&mut self, request: Request) -> Result<Value, Box<Step>> {
        let Request { method, path, body, effect } = request;
        let Some(answer) = self.answers.next() else {
            let url = format!("{}{path}", self.api_url);
            let headers = vec![("Authorization", format!("Bearer {TOKEN}"))];
            return Err(Step::Call(Call { method, url, headers, body, effect }).into());
        };
        let done = |outcome: Outcome| Box::new(Step::Done(outcome));
        let reply = answer.to_call(effect).map_err(done)?;
        errors::read(reply, effect).map_err(done)
    }
}

/// Whether this can be an id: digits, as it stands in addresses. Group conversations have them too.
pub(super) fn is_id(id: &str) -> bool {
    (1..=20).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit())
}
