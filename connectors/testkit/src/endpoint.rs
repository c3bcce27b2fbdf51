//! An endpoint with settings of a test's own, and calls to it.

use std::time::{Duration, SystemTime};

use connector_sdk::{
    Ack, Batch, Connector, Delivery, Handshake, Proof, RawRequest, Registration, Rejected, Section,
    settings::{self, Faults},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::Value;

use crate::sending::played;

/// A configured endpoint.
#[derive(Debug)]
pub struct Endpoint(Box<dyn Connector>);

impl Endpoint {
    /// The endpoint of these settings, which are right.
    ///
    /// # Panics
    /// When they are not.
    pub fn of(registration: &Registration, yaml: &str) -> Self {
        let (connector, faults) = configured(registration, yaml);
        assert!(faults.is_empty(), "the settings are wrong: {faults:?}");
        Self(connector)
    }

    /// The endpoint of the example settings.
    ///
    /// # Panics
    /// When they are not right.
    pub fn example(registration: &Registration) -> Self {
        Self(crate::configured(registration, ""))
    }

    /// An endpoint without settings.
    pub fn bare(registration: &Registration) -> Self {
        Self((registration.bare)())
    }

    /// What it says to a GET with this query.
    pub fn handshake(&self, query: &str) -> Handshake {
        let (headers, received_at) = (HeaderMap::new(), SystemTime::UNIX_EPOCH);
        self.0.handshake(RawRequest { method: &Method::GET, query, headers: &headers, body: b"", received_at })
    }

    /// What becomes of a message that a test makes up, in the form of a golden of the sending half: plan, calls and outcome.
    ///
    /// # Panics
    /// When the endpoint does not send, or answers are left over.
    pub fn sent(&self, fixture: &Value) -> Value {
        played(self.0.outbound().expect("the settings configure sending"), fixture)
    }

    /// Whether it has a sending half.
    pub fn sends(&self) -> bool {
        self.0.outbound().is_some()
    }

    /// The paths of what is wrong with these settings.
    pub fn faults(registration: &Registration, yaml: &str) -> Vec<String> {
        configured(registration, yaml).1
    }

    /// What it says to a call that comes in so many seconds after 1970.
    pub fn verdict(&self, body: &str, pairs: &[(&str, &str)], at: u64) -> Result<Proof, Rejected> {
        let request = RawRequest {
            method: &Method::POST,
            query: "",
            headers: &headers(pairs),
            body: body.as_bytes(),
            received_at: SystemTime::UNIX_EPOCH + Duration::from_secs(at),
        };
        self.0.verify(request).map(|verified| verified.proof())
    }

    /// What a call becomes.
    pub fn normalized(&self, body: &str) -> Batch {
        self.0.normalize(Delivery { headers: &HeaderMap::new(), body: body.as_bytes() }).expect("a body with items")
    }

    /// What it answers.
    pub fn ack(&self, body: &str) -> Ack {
        self.0.ack(Delivery { headers: &HeaderMap::new(), body: body.as_bytes() })
    }

    /// Whether a call with these headers is a repeat.
    pub fn is_redelivery(&self, pairs: &[(&str, &str)]) -> bool {
        self.0.is_redelivery(Delivery { headers: &headers(pairs), body: b"{}" })
    }

    /// The headers the channel would send at this time.
    pub fn signed(&self, body: &str, at: u64) -> Vec<(&'static str, String)> {
        self.0.sign_at(body.as_bytes(), SystemTime::UNIX_EPOCH + Duration::from_secs(at))
    }
}

fn configured(registration: &Registration, yaml: &str) -> (Box<dyn Connector>, Vec<String>) {
    let mut faults = Faults::default();
    let node = settings::parse(yaml, &mut faults);
    let mut section = Section::new(&node, registration.channel, &mut faults);
    let connector = (registration.configure)(&mut section);
    section.finish();
    (connector, faults.sorted().into_iter().map(|fault| fault.path).collect())
}

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let pair = |(name, value): &(&str, &str)| {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("a header name");
        (name, HeaderValue::from_str(value).expect("a header value"))
    };
    pairs.iter().map(pair).collect()
}
