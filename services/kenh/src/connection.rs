//! A connection to a gateway: where it is, how it is known, who calls.

use std::{fs, path::Path};

use kenh_runtime::config::variable;
use tonic::{
    Request, Status,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity},
};

use crate::{cli::Api, failure::Failure};

/// Variable with the API key or token.
const KEY: &str = "KENH_API_KEY";

/// A connection that says who calls.
pub(crate) type Connection = InterceptedService<Channel, Bearer>;

/// What proves who calls, put into every request.
#[derive(Clone)]
pub(crate) struct Bearer(Option<MetadataValue<Ascii>>);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(bearer) = &self.0 {
            request.metadata_mut().insert("authorization", bearer.clone());
        }
        Ok(request)
    }
}

/// Connects.
pub(crate) async fn open(api: &Api) -> Result<Connection, Failure> {
    let usage = |error: tonic::transport::Error| Failure::usage(format!("--api {}: {}", api.api, root(&error)));
    let bearer = bearer(api)?;
    let mut endpoint = Endpoint::from_shared(api.api.clone()).map_err(usage)?;
    if endpoint.uri().scheme_str() == Some("https") {
        endpoint = endpoint.tls_config(tls(api)?).map_err(usage)?;
    } else if api.ca.is_some() || api.cert.is_some() {
        return Err(Failure::usage("--api: --ca, --cert and --key are for an https:// address"));
    } else if bearer.0.is_some() && !is_here(endpoint.uri().host().unwrap_or_default()) {
        eprintln!("kenh: warning: the key crosses the network readable; use an https:// address");
    }
    let channel = endpoint.connect().await;
    let channel = channel.map_err(|error| Failure::runtime(format!("{}: {}", api.api, root(&error))))?;
    Ok(InterceptedService::new(channel, bearer))
}

fn is_here(host: &str) -> bool {
    let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

fn bearer(api: &Api) -> Result<Bearer, Failure> {
    let (from, key) = match &api.api_key_file {
        Some(path) => ("--api-key-file", String::from_utf8(read("--api-key-file", path)?).ok()),
        None => (KEY, variable(KEY).ok().filter(|key| !key.is_empty())),
    };
    if api.api_key_file.is_none() && key.is_none() {
        return Ok(Bearer(None));
    }
    // What is wrong with it is not shown: it is a secret.
    let header = key.and_then(|key| format!("Bearer {}", key.trim()).parse::<MetadataValue<Ascii>>().ok());
    let mut header = header.ok_or_else(|| Failure::usage(format!("{from}: expected an API key or a token")))?;
    header.set_sensitive(true);
    Ok(Bearer(Some(header)))
}

fn tls(api: &Api) -> Result<ClientTlsConfig, Failure> {
    let mut tls = match &api.ca {
        Some(path) => ClientTlsConfig::new().ca_certificate(Certificate::from_pem(read("--ca", path)?)),
        None => ClientTlsConfig::new().with_native_roots(),
    };
    if let (Some(cert), Some(key)) = (&api.cert, &api.key) {
        tls = tls.identity(Identity::from_pem(read("--cert", cert)?, read("--key", key)?));
    }
    Ok(tls)
}

fn read(flag: &str, path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|reason| Failure::usage(format!("{flag}: cannot read {}: {reason}", path.display())))
}

fn root(error: &dyn std::error::Error) -> String {
    let mut root = error;
    while let Some(source) = root.source() {
        root = source;
    }
    root.to_string()
}
