//! An endpoint that sends, and one message on its way.

#![allow(dead_code, unused_imports, reason = "not every test needs all of it")]

use connector_sdk::{
    Connector,
    outbound::{Answer, Step, To, Window},
};
use connector_testkit::steps;
pub(crate) use connector_testkit::steps::{call, ended, hello, reply};
use connector_whatsapp::CONNECTOR;
use kenh_proto::v1::outbound_action::What;

pub(crate) const NUMBER: &str = "106540352242922";

/// Reads settings behind those every endpoint has, with what is wrong with them.
pub(crate) fn configured(more: &str) -> (Box<dyn Connector>, Vec<String>) {
    let every = "app_secrets: [meta-app-secret-0001, the-old-one]\nverify_token: word\n";
    steps::read(&CONNECTOR, &format!("{every}{more}"))
}

/// An endpoint with one number.
pub(crate) fn endpoint(more: &str) -> Box<dyn Connector> {
    let (connector, faults) = configured(&format!("accounts:\n  \"{NUMBER}\":\n    token: t\n{more}"));
    assert!(faults.is_empty(), "{faults:?}");
    connector
}

pub(crate) fn person() -> To {
    To::Contact { scheme: "wa_id".into(), value: "84901234567".into() }
}

/// What comes next for what a program does, in a window.
pub(crate) fn step(connector: &dyn Connector, what: &What, to: &To, window: Window, answers: &[Answer]) -> Step {
    steps::step(connector, NUMBER, what, to, window, answers)
}
