//! An endpoint of every channel.

use std::sync::OnceLock;

use connector_catalog::CONNECTORS;
use connector_sdk::Registration;
use connector_testkit::configured;
use kenh_intake::{Endpoint, KeepRaw};

/// The endpoint of a channel with its example settings. The secrets are the names of the variables that would hold
/// them.
pub(super) fn endpoint(registration: &Registration) -> &'static Endpoint {
    static ENDPOINTS: OnceLock<Vec<Endpoint>> = OnceLock::new();
    let endpoints = ENDPOINTS.get_or_init(|| CONNECTORS.iter().map(build).collect());
    let found = endpoints.iter().find(|endpoint| endpoint.channel == registration.channel);
    found.expect("every channel of the catalog has an endpoint")
}

fn build(registration: &Registration) -> Endpoint {
    Endpoint {
        channel: registration.channel,
        name: "main".into(),
        tenant: "default".into(),
        keep_raw: KeepRaw::None,
        connector: configured(registration, ""),
    }
}

/// The secrets of that endpoint.
pub(super) fn secrets(registration: &Registration) -> impl Iterator<Item = String> {
    let named = registration.example.split("${").skip(1).filter_map(|rest| rest.split('}').next());
    named.map(|name| format!("${{{name}}}"))
}
