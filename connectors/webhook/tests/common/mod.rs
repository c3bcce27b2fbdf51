//! Endpoints with a program, and what becomes of calls.

#![allow(dead_code, reason = "each test file uses a part of it")]

use connector_sdk::{
    Batch, Section,
    settings::{self, Faults},
};
use connector_testkit::Endpoint;
use connector_webhook::CONNECTOR;
use kenh_proto::v1::envelope::Payload;

/// A token that is long enough.
pub(crate) const TOKEN: &str = "a-token-of-twenty-characters";

/// The settings of an endpoint with that program.
pub(crate) fn settings(program: &str, more: &str) -> String {
    let program = serde_json::Value::from(program);
    format!("verify: {{scheme: token, secrets: {TOKEN}}}\naccount: a\nevents: {program}\n{more}")
}

/// An endpoint with that program.
pub(crate) fn endpoint(program: &str, more: &str) -> Endpoint {
    let faults = faults(program, more);
    assert!(faults.is_empty(), "{program}: {faults:?}");
    Endpoint::of(&CONNECTOR, &settings(program, more))
}

/// What is wrong with it.
pub(crate) fn faults(program: &str, more: &str) -> Vec<String> {
    faults_of(&settings(program, more))
}

/// What is wrong with settings.
pub(crate) fn faults_of(yaml: &str) -> Vec<String> {
    let mut faults = Faults::default();
    let node = settings::parse(yaml, &mut faults);
    let mut section = Section::new(&node, "webhook", &mut faults);
    (CONNECTOR.configure)(&mut section);
    section.finish();
    faults.sorted().iter().map(ToString::to_string).collect()
}

/// The kinds of events, with the reasons of what is unsupported.
pub(crate) fn kinds(batch: &Batch) -> Vec<String> {
    let kind = |payload: &Payload| {
        if let Payload::Unsupported(unsupported) = payload {
            return format!("unsupported {}", unsupported.reason);
        }
        let shown = format!("{payload:?}");
        shown.split(['(', ' ']).next().unwrap_or_default().to_lowercase()
    };
    let payloads = batch.events.iter().filter_map(|event| event.envelope.payload.as_ref());
    payloads.map(kind).chain(batch.skipped.iter().map(|skipped| format!("skipped {}", skipped.reason))).collect()
}
