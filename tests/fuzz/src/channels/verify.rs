//! Nobody but the channel is believed.

use std::collections::BTreeSet;

use connector_sdk::{Connector, Proof, Rejected};
use connector_testkit::{Chance, mutate};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::configured::endpoint;
use crate::call::{Call, now, request};

/// Changed bodies to try of each call.
const CHANGES: usize = 6;

/// A call is refused as it stands. Signed it is accepted whatever other headers it has, refused with another body or
/// another value of a header that proves it, and always refused where there is no secret.
pub fn verify(data: &[u8]) {
    let Some(call) = Call::parse(data) else { return };
    let connector = &*endpoint(call.registration).connector;
    assert!(
        connector.verify(request(call.query, &call.headers, call.body)).is_err(),
        "a call that nobody signed is accepted"
    );
    let signed = signed(connector, call.body);
    let alone: HeaderMap = signed.iter().cloned().collect();
    let Ok(proof) = verdict(connector, &call, &alone, call.body) else { return };
    let mut together = call.headers.clone();
    for (name, value) in &signed {
        together.insert(name, value.clone());
    }
    assert_eq!(verdict(connector, &call, &together, call.body), Ok(proof), "another header decides");
    let bare = (call.registration.bare)();
    assert_eq!(verdict(&*bare, &call, &alone, call.body), Err(Rejected::NoSecret), "accepted without a secret");
    if proof == Proof::Signature {
        other_bodies_are_refused(connector, &call, &alone);
    }
    other_proofs_are_refused(connector, &call, &signed);
}

fn signed(connector: &dyn Connector, body: &[u8]) -> Vec<(HeaderName, HeaderValue)> {
    let header = |(name, value): (&str, String)| {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("a header name");
        (name, HeaderValue::from_str(&value).expect("a header value"))
    };
    connector.sign_at(body, now()).into_iter().map(header).collect()
}

fn verdict(connector: &dyn Connector, call: &Call<'_>, headers: &HeaderMap, body: &[u8]) -> Result<Proof, Rejected> {
    connector.verify(request(call.query, headers, body)).map(|verified| verified.proof())
}

fn other_bodies_are_refused(connector: &dyn Connector, call: &Call<'_>, headers: &HeaderMap) {
    let mut chance = Chance::of(call.body);
    let longer = [call.body, b"0"].concat();
    let shorter = call.body.split_last().map(|(_, rest)| rest.to_vec()).unwrap_or_default();
    let changed = (0..CHANGES).map(|_| mutate(call.body, call.query.as_bytes(), &mut chance));
    for body in changed.chain([longer, shorter]).filter(|body| !is_same(call.registration.channel, body, call.body)) {
        assert!(
            verdict(connector, call, headers, &body).is_err(),
            "a signature holds for another body: {}",
            body.escape_ascii()
        );
    }
}

/// Whether two bodies are one, or two ways of writing the same form: some channels sign its fields, in an order of their
/// own, and those with Twilio among their providers with nothing between a name and its value.
fn is_same(channel: &str, one: &[u8], other: &[u8]) -> bool {
    let (between, beside) = if ["sms", "voice"].contains(&channel) { ("", "") } else { ("=", "&") };
    let signed = |body: &[u8]| {
        let fields = form_urlencoded::parse(body).map(|(name, value)| [&*name, between, &*value].concat());
        let fields: BTreeSet<_> = fields.collect();
        Vec::from_iter(fields).join(beside)
    };
    one == other || signed(one) == signed(other)
}

/// Every header of the call stands in for every one that proves it.
fn other_proofs_are_refused(connector: &dyn Connector, call: &Call<'_>, signed: &[(HeaderName, HeaderValue)]) {
    for (name, value) in signed {
        let others = call.headers.values().chain([&HeaderValue::from_static("")]).cloned().collect::<Vec<_>>();
        // The case of hexadecimal digits and what stands around them may differ.
        let right = value.as_bytes().to_ascii_lowercase();
        let right = right.rsplit(|byte| *byte == b'=').find(|part| !part.is_empty()).unwrap_or_default().to_vec();
        let is_right = |other: &HeaderValue| {
            other.as_bytes().to_ascii_lowercase().windows(right.len().max(1)).any(|part| part == right)
        };
        for other in others.iter().filter(|other| !is_right(other)) {
            let mut headers: HeaderMap = signed.iter().cloned().collect();
            headers.insert(name, other.clone());
            assert!(verdict(connector, call, &headers, call.body).is_err(), "{name} can be {other:?}");
        }
        let mut twice: HeaderMap = signed.iter().cloned().collect();
        twice.append(name, value.clone());
        assert!(verdict(connector, call, &twice, call.body).is_err(), "{name} can be there twice");
    }
}
