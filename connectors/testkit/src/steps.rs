//! One message on its way, step by step, for tests that look at a single call or answer.

use std::{collections::BTreeMap, time::SystemTime};

use connector_sdk::{
    Connector, Registration, Secret, Section,
    outbound::{Answer, Call, Outcome, Reply, Sending, Step, To, Window},
    settings::{self, Faults},
};
use kenh_proto::v1::{Message, SendPurpose, SenderRole, Text, outbound_action::What};
use serde_json::Value;

/// Reads settings, with what is wrong with them.
pub fn read(registration: &Registration, yaml: &str) -> (Box<dyn Connector>, Vec<String>) {
    let mut faults = Faults::default();
    let node = settings::parse(yaml, &mut faults);
    let mut section = Section::new(&node, registration.channel, &mut faults);
    let connector = (registration.configure)(&mut section);
    section.finish();
    (connector, faults.sorted().iter().map(|fault| format!("{fault:?}")).collect())
}

/// A short text.
pub fn hello() -> What {
    let text = Text { body: "hello".into(), ..Text::default() };
    What::Message(Message { text: Some(text), ..Message::default() })
}

/// What comes next for what a program sends from an account, in a window.
///
/// # Panics
/// When the endpoint does not send.
pub fn step(
    connector: &dyn Connector,
    account: &str,
    what: &What,
    to: &To,
    window: Window,
    answers: &[Answer],
) -> Step {
    let (options, token) = (BTreeMap::new(), Secret::from("EAAtesttoken0001"));
    let sending = Sending {
        conversation: None,
        answered: None,
        what,
        to,
        account,
        role: SenderRole::Bot,
        purpose: SendPurpose::Reply,
        window,
        options: &options,
        reference: "r.0",
        piece: (0, 1),
        reply_token: None,
        reply_address: None,
        token: &token,
        now: SystemTime::UNIX_EPOCH,
    };
    connector.outbound().expect("the settings configure sending").step(&sending, answers)
}

/// The call that it is.
///
/// # Panics
/// When it is none.
pub fn call(step: Step) -> Call {
    match step {
        Step::Call(call) => call,
        other @ (Step::Fetch { .. } | Step::Mail(_) | Step::ShortMessage(_) | Step::Done(_)) => panic!("{other:?}"),
    }
}

/// The outcome that it is.
///
/// # Panics
/// When it is none.
pub fn ended(step: Step) -> Outcome {
    match step {
        Step::Done(outcome) => outcome,
        other @ (Step::Fetch { .. } | Step::Mail(_) | Step::ShortMessage(_) | Step::Call(_)) => panic!("{other:?}"),
    }
}

/// An answer.
pub fn reply(status: u16, body: &Value) -> Answer {
    Answer::Reply(Reply { status, retry_after: None, body: body.to_string().into() })
}
