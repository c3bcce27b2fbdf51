//! An endpoint that sends, and one message on its way.

#![allow(clippy::unwrap_used, dead_code, reason = "a test fails by panicking, and not every test needs all of it")]

use std::{collections::BTreeMap, time::SystemTime};

use connector_sdk::{
    Connector, Secret, Section,
    outbound::{Answer, Call, Outcome, Reply, Sending, Step, To, Window},
    settings::{self, Faults},
};
use connector_whatsapp::CONNECTOR;
use kenh_proto::v1::{Message, SendPurpose, SenderRole, Text, outbound_action::What};
use serde_json::Value;

pub(crate) const NUMBER: &str = "106540352242922";

/// Reads settings behind those every endpoint has, with what is wrong with them.
pub(crate) fn configured(more: &str) -> (Box<dyn Connector>, Vec<String>) {
    let mut faults = Faults::default();
    let text = format!("app_secrets: [meta-app-secret-0001, the-old-one]\nverify_token: word\n{more}");
    let node = settings::parse(&text, &mut faults);
    let mut section = Section::new(&node, "whatsapp", &mut faults);
    let connector = (CONNECTOR.configure)(&mut section);
    section.finish();
    (connector, faults.sorted().iter().map(|fault| format!("{fault:?}")).collect())
}

/// An endpoint with one number.
pub(crate) fn endpoint(more: &str) -> Box<dyn Connector> {
    let (connector, faults) = configured(&format!("accounts:\n  \"{NUMBER}\":\n    token: t\n{more}"));
    assert!(faults.is_empty(), "{faults:?}");
    connector
}

pub(crate) fn hello() -> What {
    let text = Text { body: "hello".into(), ..Text::default() };
    What::Message(Message { text: Some(text), ..Message::default() })
}

pub(crate) fn person() -> To {
    To::Contact { scheme: "wa_id".into(), value: "84901234567".into() }
}

/// What comes next for what a program does, in a window.
pub(crate) fn step(connector: &dyn Connector, what: &What, to: &To, window: Window, answers: &[Answer]) -> Step {
    let (options, token) = (BTreeMap::new(), Secret::from("EAAtesttoken0001"));
    let sending = Sending {
        conversation: None,
        what,
        to,
        account: NUMBER,
        role: SenderRole::Bot,
        purpose: SendPurpose::Reply,
        window,
        options: &options,
        reference: "r.0",
        reply_token: None,
        token: &token,
        now: SystemTime::UNIX_EPOCH,
    };
    connector.outbound().unwrap().step(&sending, answers)
}

pub(crate) fn call(step: Step) -> Call {
    match step {
        Step::Call(call) => call,
        other @ (Step::Fetch { .. } | Step::Done(_)) => panic!("{other:?}"),
    }
}

pub(crate) fn ended(step: Step) -> Outcome {
    match step {
        Step::Done(outcome) => outcome,
        other @ (Step::Fetch { .. } | Step::Call(_)) => panic!("{other:?}"),
    }
}

pub(crate) fn reply(status: u16, body: &Value) -> Answer {
    Answer::Reply(Reply { status, retry_after: None, body: body.to_string().into() })
}
