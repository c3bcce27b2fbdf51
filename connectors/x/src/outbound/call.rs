//! Calls, and what became of them.

use std::slice::Iter;

pub(super) use connector_sdk::address::is_number as is_id;
use connector_sdk::outbound::{Answer, Body, Call, Effect, Method, Step, TOKEN, replied};
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
        let call = || {
            let url = format!("{}{path}", self.api_url);
            let headers = vec![("Authorization", format!("Bearer {TOKEN}"))];
            Call { method, url, headers, body, effect }
        };
        let reply = replied(&mut self.answers, effect, call)?;
        errors::read(reply, effect).map_err(|outcome| Step::Done(outcome).into())
    }
}
