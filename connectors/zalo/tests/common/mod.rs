//! An endpoint as configured, and calls to it.
#![allow(dead_code, reason = "each test file uses its part")]

use std::time::SystemTime;

use connector_sdk::{
    Batch, Connector, Delivery, RawRequest, Rejected, Section,
    settings::{self, Fault, Faults},
};
use connector_zalo::CONNECTOR;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

/// The endpoint of these settings, or what is wrong with them.
pub(crate) fn configured(yaml: &str) -> Result<Box<dyn Connector>, Vec<Fault>> {
    let mut faults = Faults::default();
    let node = settings::parse(yaml, &mut faults);
    let mut section = Section::new(&node, "zalo", &mut faults);
    let connector = (CONNECTOR.configure)(&mut section);
    section.finish();
    let faults = faults.sorted();
    if faults.is_empty() { Ok(connector) } else { Err(faults) }
}

/// The endpoint the vectors are for.
pub(crate) fn endpoint() -> Box<dyn Connector> {
    configured("app_id: '1000000000000000001'\noa_secret_keys: oaSecretForTests01").unwrap()
}

pub(crate) fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let pair = |(name, value): &(&str, &str)| {
        (HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap())
    };
    pairs.iter().map(pair).collect()
}

/// What an endpoint says to a body under these headers.
pub(crate) fn verdict(endpoint: &dyn Connector, body: &str, pairs: &[(&str, &str)]) -> Result<(), Rejected> {
    let headers = headers(pairs);
    let request = RawRequest {
        method: &Method::POST,
        query: "",
        headers: &headers,
        body: body.as_bytes(),
        received_at: SystemTime::UNIX_EPOCH,
    };
    endpoint.verify(request).map(|_| ())
}

/// What a body becomes.
pub(crate) fn normalized(endpoint: &dyn Connector, body: &str, pairs: &[(&str, &str)]) -> Batch {
    endpoint.normalize(Delivery { headers: &headers(pairs), body: body.as_bytes() }).unwrap()
}
