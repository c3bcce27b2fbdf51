//! Calls of methods, and what became of them.

use std::slice::Iter;

use connector_sdk::outbound::{self, Answer, Body, Call, Effect, File, Step, TOKEN};
use serde_json::{Map, Value, json};

use super::{
    chat::Chat,
    errors::{self, Hint},
};

/// Parameters of a method.
pub(super) type Fields = Vec<(&'static str, Value)>;

/// A method and what it is given, but for the chat.
pub(super) struct Request {
    pub(super) method: &'static str,
    pub(super) fields: Fields,
    /// A file that goes with it, and the name of its field.
    pub(super) file: Option<(&'static str, File)>,
    pub(super) effect: Effect,
}

/// Makes the calls of one piece, and takes their answers one after the other.
pub(super) struct Caller<'a> {
    pub(super) api_url: &'a str,
    pub(super) chat: Chat,
    pub(super) answers: Iter<'a, Answer>,
}

/// Why there is no result.
pub(super) type Stop = outbound::Stop<Hint>;

impl Caller<'_> {
    /// The result of a method, called about the chat. Once more where the group has become a supergroup, which has another id.
    pub(super) fn call(&mut self, request: &Request) -> Result<Value, Stop> {
        loop {
            let Some(answer) = self.answers.next() else {
                return Err(Stop::Next(Step::Call(self.described(request)).into()));
            };
            let reply = answer.to_call(request.effect).map_err(|outcome| Stop::Ended(outcome, None))?;
            match errors::read(reply, request.effect) {
                Ok(result) => return Ok(result),
                Err((_, Some(Hint::Migrated(id)))) if !self.chat.migrated => {
                    (self.chat.id, self.chat.migrated) = (id, true);
                }
                Err((outcome, hint)) => return Err(Stop::Ended(outcome, hint)),
            }
        }
    }

    /// The token stands in the path, and what people wrote in the body alone.
    fn described(&self, request: &Request) -> Call {
        let url = format!("{}/bot{TOKEN}/{}", self.api_url, request.method);
        let chat = match &self.chat.business {
            _ if request.method == "answerCallbackQuery" => Vec::new(),
            None => vec![("chat_id", json!(self.chat.id))],
            Some(connection) if request.method == "deleteBusinessMessages" => {
                vec![("business_connection_id", json!(connection))]
            }
            Some(connection) => vec![("chat_id", json!(self.chat.id)), ("business_connection_id", json!(connection))],
        };
        let fields = chat.into_iter().chain(request.fields.iter().cloned());
        let call = Call::post(url, Value::Null).effect(request.effect);
        let body = match &request.file {
            None => Body::Json(fields.map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>().into()),
            Some((name, file)) => {
                let fields = fields.map(|(name, value)| (name, as_field(&value))).collect();
                Body::TokenIn(&[], Body::Multipart { fields, name, file: file.clone() }.into())
            }
        };
        Call { body, ..call }
    }
}

/// In a form everything is text: what is none is written as JSON.
fn as_field(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}
