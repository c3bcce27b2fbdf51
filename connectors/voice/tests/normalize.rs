//! Rules that a golden does not show.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use connector_sdk::{Delivery, Registration};
use connector_testkit::Endpoint;
use connector_voice::{CONNECTOR, providers};
use http::HeaderMap;
use kenh_proto::v1::{CallAction, CallEvent, Envelope, MediaState, envelope::Payload};

const OMICALL: &str = "provider: omicall\nsecrets: an-unguessable-token-0001\n";
const STRINGEE: &str = "provider: stringee\nsecrets: s\n";

fn registration(provider: &str) -> Registration {
    providers().into_iter().find(|(name, _)| *name == provider).unwrap().1
}

fn sample(provider: &str, name: &str) -> &'static str {
    registration(provider).sample(name).unwrap_or_else(|| panic!("no sample {name}")).body
}

fn one(provider: &str, body: &str) -> Envelope {
    let mut events = Endpoint::example(&registration(provider)).normalized(body).events;
    assert_eq!(events.len(), 1, "{body}");
    events.remove(0).envelope
}

fn call(envelope: &Envelope) -> &CallEvent {
    let Some(Payload::CallEvent(call)) = &envelope.payload else { panic!("a call") };
    call
}

#[test]
fn every_documented_event_is_typed() {
    for (name, registration) in providers() {
        for sample in registration.samples {
            let event = one(name, sample.body);
            assert!(matches!(event.payload, Some(Payload::CallEvent(_))), "{name} {}", sample.name);
        }
    }
}

#[test]
fn all_events_of_a_call_are_in_one_conversation_and_each_is_its_own() {
    for (provider, names) in [
        ("stringee", &["created", "started", "ringing", "answered", "ended"][..]),
        ("omicall", &["ringing", "answered", "hangup", "cdr"]),
        ("twilio", &["initiated", "ringing", "in_progress", "completed", "recording_completed"]),
        // A leg is in the conversation of the call it is of.
        ("twilio", &["inbound_ringing", "leg_ringing", "inbound_completed"]),
    ] {
        let events: Vec<_> = names.iter().map(|name| one(provider, sample(provider, name))).collect();
        let mut places: Vec<_> =
            events.iter().map(|event| (event.account.clone(), event.conversation.clone())).collect();
        places.dedup();
        assert_eq!(places.len(), 1, "{provider} {names:?}");
        let mut keys: Vec<_> = events.iter().map(|event| &event.dedupe_key).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), names.len(), "{provider} {names:?}");
    }
}

#[test]
fn a_state_that_comes_again_is_another_event_and_a_redelivery_is_not() {
    let key = |provider, body: &str| one(provider, body).dedupe_key;
    for (provider, name, time, later) in [
        ("stringee", "ringing", "1767225602123", "1767225609999"),
        ("omicall", "ringing", "1767225600123", "1767225609999"),
        ("twilio", "ringing", "SequenceNumber=1", "SequenceNumber=5"),
    ] {
        let body = sample(provider, name);
        assert!(body.contains(time), "{provider}");
        assert_eq!(key(provider, body), key(provider, &body.replace("agent_1", "agent_2")), "{provider}");
        assert_ne!(key(provider, body), key(provider, &body.replace(time, later)), "{provider}");
    }
    let record = sample("omicall", "cdr");
    let tried_again = record.replace("\"send_num_retry\": 0", "\"send_num_retry\": 1");
    assert_ne!(record, tried_again);
    assert_eq!(key("omicall", record), key("omicall", &tried_again));
}

#[test]
fn a_record_that_comes_again_with_its_recording_is_another_event() {
    let later = sample("omicall", "cdr")
        .replace("\"last_updated_date\": 1767225637123", "\"last_updated_date\": 1767225699123");
    let without = sample("omicall", "cdr").replace("https://files.example.test/rec/1.wav", "");
    assert_ne!(one("omicall", &later).dedupe_key, one("omicall", &without).dedupe_key);
    assert!(call(&one("omicall", &without)).recording.is_none());
    let media = call(&one("omicall", &later)).recording.clone().unwrap();
    assert_eq!((media.state(), media.duration_ms), (MediaState::Remote, Some(30_000)));
}

#[test]
fn an_address_of_a_recording_holds_no_password() {
    let event = one("omicall", sample("omicall", "inbound_cdr"));
    let media = call(&event).recording.clone().unwrap();
    assert_eq!(media.url.as_deref(), Some("https://files.example.test/rec/2.wav?e=1"));
    assert!(!format!("{event:?}").contains("secret"));
}

#[test]
fn a_word_nobody_knows_is_kept_and_means_nothing() {
    for (provider, body, word) in [
        ("stringee", sample("stringee", "ringing").replace("\"ringing\"", "\"teleported\""), "teleported"),
        ("omicall", sample("omicall", "ringing").replace("\"ringing\"", "\"teleported\""), "teleported"),
        ("twilio", sample("twilio", "ringing").replace("CallStatus=ringing", "CallStatus=teleported"), "teleported"),
        ("stringee", sample("stringee", "agent_ended").to_owned(), "agentEnded"),
    ] {
        let event = one(provider, &body);
        assert_eq!(call(&event).action(), CallAction::Unspecified, "{provider}");
        assert_eq!(call(&event).state.as_deref(), Some(word), "{provider}");
        assert!(event.dedupe_key.contains(word));
    }
}

#[test]
fn whether_a_call_was_taken_is_never_guessed() {
    let action = |body: &str| call(&one("stringee", body)).action();
    let ended = sample("stringee", "ended");
    assert_eq!(action(ended), CallAction::Ended);
    assert_eq!(action(&ended.replace("\"answerDuration\": 30", "\"answerDuration\": 0")), CallAction::Missed);
    assert_eq!(action(&ended.replace("answerDuration", "x")), CallAction::HungUp);
    assert_eq!(call(&one("omicall", sample("omicall", "hangup"))).action(), CallAction::HungUp);
    let record = sample("omicall", "cdr").replace("bill_sec", "x");
    assert_eq!(call(&one("omicall", &record)).action(), CallAction::HungUp);
}

#[test]
fn numbers_from_before_2018_are_those_of_today() {
    let event = one("stringee", sample("stringee", "inbound_ringing"));
    assert_eq!(call(&event).from.as_deref(), Some("+84391234567"));
    let contact = event.contact.unwrap();
    assert_eq!(
        (contact.identities[0].scheme.as_str(), contact.identities[0].value.as_str()),
        ("phone", "+84391234567")
    );
}

#[test]
fn what_nothing_configured_reads_is_the_provider_that_knows_it() {
    let bare = (CONNECTOR.bare)();
    for (name, registration) in providers() {
        for sample in registration.samples {
            let delivery = Delivery { headers: &HeaderMap::new(), body: sample.body.as_bytes() };
            let event = bare.normalize(delivery).unwrap().events.remove(0).envelope;
            assert_eq!(event, one(name, sample.body), "{name} {}", sample.name);
        }
    }
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let faults = |yaml: &str| Endpoint::faults(&CONNECTOR, yaml);
    assert_eq!(faults("secrets: s"), ["voice.provider"]);
    assert_eq!(faults("provider: stringe\nsecrets: s"), ["voice.provider", "voice.provider"]);
    assert_eq!(faults("provider: stringee"), ["voice.secrets"]);
    assert_eq!(faults("provider: omicall\nsecrets: short"), ["voice.secrets"]);
    assert_eq!(faults("provider: twilio\nsecrets: s"), ["voice.public_url"]);
    assert_eq!(
        faults("provider: twilio\nsecrets: s\npublic_url: 'https://gw.example.test/x?y=1'"),
        ["voice.public_url"]
    );
    assert_eq!(faults(&format!("{OMICALL}replay_window: 1h")), ["voice.replay_window"], "it signs no time");
    assert_eq!(faults(&format!("{STRINGEE}public_url: https://gw.example.test/x")), ["voice.public_url"]);
}
