//! Endpoints and calls to them.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::time::{Duration, SystemTime};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use connector_sdk::{
    Batch, Connector, Delivery, Proof, RawRequest, Rejected, Secret, Section,
    settings::{self, Faults},
    signature::{self, Algorithm},
};
use connector_sms::CONNECTOR;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

/// When calls come in, in seconds after 1970.
pub(crate) const NOW: u64 = 1_795_291_200;

/// What is wrong with settings, or the endpoint.
pub(crate) fn configured(yaml: &str) -> Result<Box<dyn Connector>, Vec<String>> {
    let mut faults = Faults::default();
    let node = settings::parse(yaml, &mut faults);
    let mut section = Section::new(&node, "sms", &mut faults);
    let connector = (CONNECTOR.configure)(&mut section);
    section.finish();
    let faults: Vec<_> = faults.sorted().iter().map(ToString::to_string).collect();
    if faults.is_empty() { Ok(connector) } else { Err(faults) }
}

pub(crate) fn endpoint(yaml: &str) -> Box<dyn Connector> {
    configured(yaml).unwrap_or_else(|faults| panic!("{faults:#?}"))
}

/// A call.
pub(crate) struct Call {
    method: Method,
    query: String,
    headers: HeaderMap,
    body: String,
    pub(crate) now: u64,
}

pub(crate) fn call(method: Method, query: &str, headers: &[(&str, &str)], body: &str) -> Call {
    let header = |(name, value): &(&str, &str)| {
        (HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap())
    };
    let headers = headers.iter().map(header).collect();
    Call { method, query: query.into(), headers, body: body.into(), now: NOW }
}

pub(crate) fn verdict(endpoint: &dyn Connector, call: &Call) -> Result<Proof, Rejected> {
    let received_at = SystemTime::UNIX_EPOCH + Duration::from_secs(call.now);
    let (method, query, headers, body) = (&call.method, call.query.as_str(), &call.headers, call.body.as_bytes());
    endpoint.verify(RawRequest { method, query, headers, body, received_at }).map(|verified| verified.proof())
}

pub(crate) fn normalized(endpoint: &dyn Connector, body: &str, arrival: Option<u64>) -> Batch {
    let headers = arrival.map(|at| (HeaderName::from_static(connector_sdk::ARRIVAL_HEADER), at.into()));
    let headers = headers.into_iter().collect();
    endpoint.normalize(Delivery { headers: &headers, body: body.as_bytes() }).unwrap()
}

pub(crate) fn jwt(algorithm: &str, payload: &str, secret: &str) -> String {
    let header = format!(r#"{{"typ":"JWT","alg":"{algorithm}"}}"#);
    let signed = [header.as_str(), payload].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
    let signature = signature::sign_hmac_assembled(Algorithm::Sha256, signed.as_bytes(), &Secret::from(secret));
    format!("Bearer {signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}
