//! Calls of methods, and what became of them.

use std::slice::Iter;

use connector_sdk::outbound::{self, Answer, Body, Call, Effect, Step, TOKEN};
use serde_json::Value;

use super::errors::{self, Hint};

/// A method and what it is given.
pub(super) struct Request {
    pub(super) method: &'static str,
    pub(super) body: Value,
    pub(super) effect: Effect,
}

/// Makes the calls of one piece, and takes their answers one after the other.
pub(super) struct Caller<'a> {
    pub(super) api_url: &'a str,
    pub(super) answers: Iter<'a, Answer>,
}

/// Why there is no result.
pub(super) type Stop = outbound::Stop<Hint>;

impl Caller<'_> {
    /// What a method answers.
    pub(super) fn call(&mut self, request: &Request) -> Result<Value, Stop> {
        let body = Body::Json(request.body.clone());
        self.made(request.method, body, request.effect)
    }

    /// The same for a method that takes forms alone.
    pub(super) fn form(&mut self, method: &str, fields: Vec<(&'static str, String)>) -> Result<Value, Stop> {
        let body = Body::TokenIn(&[], Body::Form(fields).into());
        self.made(method, body, Effect::Repeatable)
    }

    fn made(&mut self, method: &str, body: Body, effect: Effect) -> Result<Value, Stop> {
        let Some(answer) = self.answers.next() else {
            let url = format!("{}/{method}", self.api_url);
            let call = Call::post(url, Value::Null).header("Authorization", format!("Bearer {TOKEN}")).effect(effect);
            return Err(Stop::Next(Step::Call(Call { body, ..call }).into()));
        };
        let reply = answer.to_call(effect).map_err(|outcome| Stop::Ended(outcome, None))?;
        errors::read(reply, effect).map_err(|(outcome, hint)| Stop::Ended(outcome, hint))
    }
}
