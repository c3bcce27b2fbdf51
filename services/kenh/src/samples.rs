//! Samples of the channels, made new so that each one sent is an event of its own.

mod renewal;

use connector_catalog::CONNECTORS;
use connector_sdk::{Connector, Registration, Sample};
use kenh_runtime::clock;
pub(crate) use renewal::renewed;

use crate::failure::Failure;

/// The channel of that name, or which there are.
pub(crate) fn registration(channel: &str) -> Result<&'static Registration, Failure> {
    connector_catalog::find(channel).ok_or_else(|| {
        let known: Vec<_> = CONNECTORS.iter().map(|registration| registration.channel).collect();
        Failure::usage(format!("there is no channel {channel}; there are: {}", known.join(", ")))
    })
}

/// Posts a body as the channel would; the status of the answer.
pub(crate) async fn post(
    client: &reqwest::Client,
    url: &str,
    connector: &dyn Connector,
    sample: &Sample,
    body: String,
) -> Result<reqwest::StatusCode, reqwest::Error> {
    let mut call = client.post(url);
    if !sample.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
        call = call.header("content-type", "application/json");
    }
    for (name, value) in sample.headers {
        call = call.header(*name, *value);
    }
    for (name, value) in connector.sign_at(body.as_bytes(), clock::now()) {
        call = call.header(name, value);
    }
    Ok(call.body(body).send().await?.status())
}
