//! `kenh normalize`

use std::{fs, io::Read as _, path::Path};

use connector_sdk::{RawRequest, Registration};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use kenh_intake::{Endpoint, KeepRaw, Stamp};
use kenh_proto::envelope_to_json;
use kenh_runtime::clock;

use crate::{cli::Normalize, client, config, failure::Failure, samples};

/// Partitions of a gateway that has no configuration.
const PARTITIONS: u32 = 4;

pub(crate) fn run(arguments: &Normalize) -> Result<(), Failure> {
    let registration = samples::registration(&arguments.channel)?;
    let body = read(&arguments.body)?;
    let headers = headers(&arguments.headers)?;
    let method: Method =
        arguments.method.parse().map_err(|_| Failure::usage(format!("--method: no method: {}", arguments.method)))?;
    let url: Uri =
        arguments.url.parse().map_err(|_| Failure::usage(format!("--url: no address: {}", arguments.url)))?;
    let request = RawRequest {
        method: &method,
        query: url.query().unwrap_or_default(),
        headers: &headers,
        body: &body,
        received_at: clock::now(),
    };
    match &arguments.endpoint {
        None => print(&bare(registration), PARTITIONS, request, false),
        Some(name) => {
            let config = config::load(arguments.file.config.as_deref(), &[])?;
            let endpoint = config.endpoints.find(&arguments.channel, name);
            let endpoint = endpoint.ok_or_else(|| {
                Failure::usage(format!("--endpoint: the configuration has no channels.{}.{name}", arguments.channel))
            })?;
            print(&endpoint, config.partitions, request, !arguments.no_verify)
        }
    }
}

/// An endpoint that nobody has configured.
fn bare(registration: &Registration) -> Endpoint {
    Endpoint {
        channel: registration.channel,
        name: "none".into(),
        tenant: "default".into(),
        keep_raw: KeepRaw::None,
        connector: (registration.bare)(),
    }
}

fn print(endpoint: &Endpoint, partitions: u32, request: RawRequest<'_>, verify: bool) -> Result<(), Failure> {
    let proof = if verify {
        let verified = endpoint.connector.verify(request);
        Some(verified.map_err(|rejected| Failure::runtime(format!("refused: {rejected}")))?.proof())
    } else {
        None
    };
    let stamp = Stamp { endpoint, partitions, received_at: request.received_at, proof, traceparent: None };
    let normalized = kenh_intake::normalize(&stamp, request.delivery());
    for envelope in &normalized.envelopes {
        client::print(&envelope_to_json(envelope).map_err(Failure::runtime)?)?;
    }
    if normalized.envelopes.is_empty() {
        let reasons: Vec<_> = normalized.skipped.iter().map(|skipped| skipped.reason).collect();
        return Err(Failure::runtime(format!("the call holds no event ({})", reasons.join(", "))));
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let unreadable = |reason| Failure::usage(format!("cannot read {}: {reason}", path.display()));
    if path.as_os_str() == "-" {
        let mut body = Vec::new();
        std::io::stdin().read_to_end(&mut body).map_err(unreadable)?;
        return Ok(body);
    }
    fs::read(path).map_err(unreadable)
}

fn headers(lines: &[String]) -> Result<HeaderMap, Failure> {
    let parse = |line: &String| {
        let (name, value) = line.split_once(':')?;
        Some((name.trim().parse::<HeaderName>().ok()?, HeaderValue::from_str(value.trim()).ok()?))
    };
    let mut headers = HeaderMap::new();
    for line in lines {
        let (name, value) = parse(line).ok_or_else(|| Failure::usage("--header: expected `Name: value`"))?;
        headers.append(name, value);
    }
    Ok(headers)
}
