//! Set-up calls answer only those who know the token, and only with what these asked back.

use connector_sdk::Handshake;
use http::Method;

use super::configured::{endpoint, secrets};
use crate::call::{Call, request};

/// A call is not answered as it stands. With a secret in the place of one of its values it may be, with another of
/// them.
pub fn handshake(data: &[u8]) {
    let Some(call) = Call::parse(data) else { return };
    assert!(!matches!(ask(&call, call.query), Handshake::Answer(_)), "answered without the token");
    let parameters: Vec<_> = form_urlencoded::parse(call.query.as_bytes()).into_owned().take(16).collect();
    for secret in secrets(call.registration) {
        for place in 0..parameters.len() {
            let mut known = parameters.clone();
            if let Some((_, value)) = known.get_mut(place) {
                value.clone_from(&secret);
            }
            let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&known).finish();
            if let Handshake::Answer(answer) = ask(&call, &query) {
                assert!(known.iter().any(|(_, value)| *value == answer), "answers what was not asked: {answer:?}");
                assert!(answer.len() <= 1024, "repeats a text of {} bytes", answer.len());
            }
        }
    }
}

fn ask(call: &Call<'_>, query: &str) -> Handshake {
    let request = connector_sdk::RawRequest { method: &Method::GET, ..request(query, &call.headers, call.body) };
    endpoint(call.registration).connector.handshake(request)
}
