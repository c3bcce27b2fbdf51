//! `kenh demo`: the main job on one screen.

use std::{
    collections::{HashMap, HashSet},
    net::SocketAddr,
    sync::Arc,
};

use connector_catalog::CONNECTORS;
use connector_sdk::settings::{self, Faults, Node, Origin};
use kenh_intake::{Endpoint, Stamp};
use kenh_proto::v1::{Open, StartAt, open::Start, subscribe_response::Response};
use kenh_runtime::{clock, telemetry};

use tokio::signal::unix::{SignalKind, signal};

use crate::{
    cli::{Api, Demo, Role},
    client::{self, Events, Style},
    config::{self, Config},
    failure::Failure,
    samples,
    server::Server,
};

/// Nothing is given to channels: their tokens are made up.
const ROLES: &[Role] = &[Role::Ingress, Role::Api];

/// Name of every endpoint of the demo.
const ENDPOINT: &str = "demo";

pub(crate) async fn run(arguments: Demo) -> Result<(), Failure> {
    let folder = tempfile::tempdir().map_err(|reason| Failure::runtime(format!("no temporary folder: {reason}")))?;
    let local = |port| SocketAddr::from(([127, 0, 0, 1], port)).to_string();
    let extra: [(&[&str], String); 6] = [
        (&["data_dir"], folder.path().display().to_string()),
        (&["ingress", "listen"], local(arguments.port)),
        (&["api", "listen"], local(arguments.api_port)),
        (&["admin", "listen"], local(arguments.admin_port)),
        (&["telemetry", "log_level"], "warn".into()),
        (&["credentials", "keys"], kenh_dispatch::Keys::generate().unwrap_or_default()),
    ];
    let config = settings(&extra)?;
    let endpoints: HashMap<_, _> = config.endpoints.iter().map(|found| (found.channel, found.clone())).collect();
    let telemetry = telemetry::start(&config.telemetry).map_err(Failure::runtime)?;
    let mut server = Server::start(config, ROLES, &telemetry).await?;
    let (web, api) = (format!("http://{}", local(arguments.port)), format!("http://{}", local(arguments.api_port)));

    println!("The gateway runs. Every sample is signed as its channel signs, posted to the webhook address,");
    println!("stored, and read back from the gRPC stream:\n");
    let open = Open { start: Some(Start::At(StartAt::Latest.into())), consumer_id: "demo".into(), ..Open::default() };
    let mut events = client::subscribe(&Api { api: api.clone(), ..Api::default() }, open).await?;
    let expected = send_samples(&web, &endpoints).await?;
    let showing = async {
        let shown = show(&mut events, Some(expected)).await?;
        print_summary(shown, &web, &api);
        if arguments.once { Ok(()) } else { show(&mut events, None).await.map(drop) }
    };
    let mut terminate = signal(SignalKind::terminate()).map_err(Failure::runtime)?;
    let outcome = tokio::select! {
        failure = server.failed() => Err(failure),
        _ = tokio::signal::ctrl_c() => Ok(()),
        _ = terminate.recv() => Ok(()),
        outcome = showing => outcome,
    };
    drop(events);
    outcome.and(server.stop().await)
}

/// The example configuration, with each secret replaced by one that the demo prints.
fn settings(extra: &[(&[&str], String)]) -> Result<Config, Failure> {
    let mut faults = Faults::default();
    let mut root: Node = settings::parse(&config_text(), &mut faults);
    for (path, value) in extra {
        root.set(path, value, &Origin::Absent);
    }
    let config = config::read(&root, ROLES, &mut faults);
    match faults.sorted().first() {
        None => Ok(config),
        Some(fault) => Err(Failure::runtime(format!("the example configuration is wrong: {fault}"))),
    }
}

fn config_text() -> String {
    let example = super::config::example(ENDPOINT);
    let (before, references) = example.split_once("${env:KENH_").unwrap_or((&example, ""));
    let filled = references.split("${env:KENH_").map(|piece| {
        let (name, rest) = piece.split_once('}').unwrap_or((piece, ""));
        // Nobody but the channel could sign what its public key proves.
        let own = if name.ends_with("PUBLIC_KEY") { "test:" } else { "" };
        format!("{own}demo-{}{rest}", name.to_lowercase().replace('_', "-"))
    });
    std::iter::once(before.to_owned()).chain(filled).collect()
}

/// Posts every sample of every channel; ids of the events that come of them.
async fn send_samples(web: &str, endpoints: &HashMap<&'static str, Arc<Endpoint>>) -> Result<HashSet<String>, Failure> {
    let client = reqwest::Client::new();
    let mut expected = HashSet::new();
    for registration in CONNECTORS {
        let Some(endpoint) = endpoints.get(registration.channel) else { continue };
        for sample in registration.samples {
            let body = samples::renewed(sample, registration.fresh);
            expected.extend(ids_of(endpoint, sample, &body));
            let url = format!("{web}/v1/webhooks/{}/{ENDPOINT}", registration.channel);
            let status = samples::post(&client, &url, &*endpoint.connector, sample, body).await;
            let status = status.map_err(Failure::runtime)?;
            if !status.is_success() {
                return Err(Failure::runtime(format!(
                    "{} {} was answered {status}",
                    registration.channel, sample.name
                )));
            }
        }
    }
    Ok(expected)
}

/// Ids of the events that a sample holds. Samples may hold the same event, which is stored once.
fn ids_of(endpoint: &Endpoint, sample: &connector_sdk::Sample, body: &str) -> Vec<String> {
    let header = |(name, value): &(&'static str, &'static str)| Some((name.parse().ok()?, value.parse().ok()?));
    let headers: http::HeaderMap = sample.headers.iter().filter_map(header).collect();
    let stamp = Stamp { endpoint, partitions: 1, received_at: clock::now(), proof: None, traceparent: None };
    let delivery = connector_sdk::Delivery { headers: &headers, body: body.as_bytes() };
    kenh_intake::normalize(&stamp, delivery).envelopes.into_iter().map(|envelope| envelope.id).collect()
}

/// Shows events until all of these have come, or without end. How many were shown.
async fn show(events: &mut Events, mut until: Option<HashSet<String>>) -> Result<usize, Failure> {
    let style = if Style::of(false) == Style::Json { Style::Line } else { Style::ColouredLine };
    let mut shown = 0;
    while until.as_ref().is_none_or(|left| !left.is_empty()) {
        let response = events.responses.message().await.map_err(|status| Failure::runtime(status.message()))?;
        let Some(response) = response else { return Err(Failure::runtime("the stream has ended")) };
        let Some(Response::Batch(batch)) = response.response else { continue };
        for envelope in batch.deliveries.into_iter().filter_map(|delivery| delivery.envelope) {
            client::print(&style.show(&envelope)?)?;
            shown += 1;
            if let Some(left) = &mut until {
                left.remove(&envelope.id);
            }
        }
    }
    Ok(shown)
}

fn print_summary(shown: usize, web: &str, api: &str) {
    println!("\n{shown} events, from {} channels. It goes on serving; Ctrl-C ends it.\n", CONNECTORS.len());
    println!("Post one of your own, signed with the demo's secret:\n");
    println!(
        "  body='{{\"object\":\"page\",\"entry\":[{{\"id\":\"770001\",\"time\":1767225600123,\"messaging\":[{{\"sender\":{{\"id\":\"660001\"}},\"recipient\":{{\"id\":\"770001\"}},\"timestamp\":1767225600000,\"message\":{{\"mid\":\"m_1\",\"text\":\"Xin chao\"}}}}]}}]}}'"
    );
    println!("  mac=$(printf %s \"$body\" | openssl dgst -sha256 -hmac demo-messenger-app-secret | sed 's/.* //')");
    println!(
        "  curl -i -H \"X-Hub-Signature-256: sha256=$mac\" -H 'Content-Type: application/json' -d \"$body\" {web}/v1/webhooks/messenger/{ENDPOINT}\n"
    );
    println!("Read the stream from another terminal:\n");
    println!("  kenh tail --api {api} --from earliest     (target/debug/kenh after `make run`)");
    println!(
        "  grpcurl -plaintext -d '{{\"open\":{{\"at\":\"START_AT_EARLIEST\"}}}}' {} kenh.v1.EventService/Subscribe\n",
        api.trim_start_matches("http://")
    );
}
