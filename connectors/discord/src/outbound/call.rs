//! Calls, and what became of them.

use std::slice::Iter;

pub(super) use connector_sdk::address::is_number as is_id;
use connector_sdk::outbound::{self, Answer, Body, Call, Effect, File, Method, REPLY_TOKEN, Sending, Step, TOKEN};
use serde_json::Value;

use super::errors::{self, Hint};
use crate::inbound::is_token;

/// What is called.
#[derive(Clone)]
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) body: Option<Value>,
    /// A file that goes with it.
    pub(super) file: Option<File>,
    pub(super) effect: Effect,
    /// A second call with the same body does nothing, for some minutes: Discord knows it by the `nonce`.
    pub(super) again: bool,
}

/// Makes the calls of one piece, and takes their answers one after the other.
pub(super) struct Caller<'a> {
    api_url: &'a str,
    /// The path of answers to the interaction, as long as there is one to answer.
    pub(super) interaction: Option<String>,
    pub(super) answers: Iter<'a, Answer>,
}

/// Why there is no result.
pub(super) type Stop = outbound::Stop<Hint>;

impl<'a> Caller<'a> {
    /// Begins with the answers so far.
    pub(super) fn new(api_url: &'a str, sending: &Sending<'_>, answers: &'a [Answer]) -> Self {
        let token = sending.reply_token.filter(|token| is_token(token) && is_id(sending.account));
        // The token lets everybody who knows it answer, and addresses are written down.
        let interaction = token.map(|_| format!("/webhooks/{}/{REPLY_TOKEN}", sending.account));
        Self { api_url, interaction, answers: answers.iter() }
    }

    /// What a call answers.
    pub(super) fn call(&mut self, request: &Request) -> Result<Value, Stop> {
        let mut answer = self.answer(request)?;
        if request.again && matches!(answer, Answer::NoReply) {
            answer = self.answer(request)?;
        }
        let reply = answer.to_call(request.effect).map_err(|outcome| Stop::Ended(outcome, None))?;
        errors::read(reply, request.effect).map_err(|(outcome, hint)| Stop::Ended(outcome, hint))
    }

    /// By the interaction's token where there is one, and where that is no use any more, as the bot.
    pub(super) fn either(&mut self, by_token: &Request, is_over: &[Hint]) -> Option<Result<Value, Stop>> {
        self.interaction.as_ref()?;
        match self.call(by_token) {
            Err(Stop::Ended(_, Some(hint))) if is_over.contains(&hint) => None,
            other => Some(other),
        }
    }

    fn answer(&mut self, request: &Request) -> Result<&'a Answer, Stop> {
        match self.answers.next() {
            Some(answer) => Ok(answer),
            None => Err(Stop::Next(Step::Call(self.described(request)).into())),
        }
    }

    fn described(&self, request: &Request) -> Call {
        let bot = || ("Authorization", format!("Bot {TOKEN}"));
        let body = request.body.clone();
        Call {
            method: request.method,
            url: format!("{}{}", self.api_url, request.path),
            headers: if request.path.contains(REPLY_TOKEN) { Vec::new() } else { vec![bot()] },
            body: match (&request.file, body) {
                (Some(file), body) => {
                    let fields = body.map(|body| ("payload_json", body.to_string())).into_iter().collect();
                    // What people wrote stands in the fields: nothing of it is taken for the token's place.
                    Body::TokenIn(&[], Body::Multipart { fields, name: "files[0]", file: file.clone() }.into())
                }
                (None, Some(body)) => Body::Json(body),
                (None, None) => Body::None,
            },
            effect: request.effect,
        }
    }
}
