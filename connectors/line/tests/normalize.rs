//! Rules that a golden does not make obvious.

use connector_line::CONNECTOR;
use connector_sdk::Event;
use connector_testkit::Endpoint;
use kenh_proto::v1::{Envelope, envelope::Payload};

fn events(body: &str) -> Vec<Event> {
    Endpoint::of(&CONNECTOR, "channel_secrets: s").normalized(body).events
}

fn sample(name: &str) -> &'static str {
    CONNECTOR.sample(name).unwrap_or_else(|| panic!("no sample {name}")).body
}

#[test]
fn every_documented_event_is_typed() {
    for sample in CONNECTOR.samples {
        for event in events(sample.body) {
            assert!(!matches!(event.envelope.payload, Some(Payload::Unsupported(_))), "{}", sample.name);
        }
    }
}

#[test]
fn a_redelivery_has_the_same_identity_with_and_without_an_id() {
    let first = sample("follow");
    let without = first.replace("webhookEventId", "x");
    for body in [first, &without] {
        let [first, again] = [body.to_owned(), body.replace("\"isRedelivery\":false", "\"isRedelivery\":true")]
            .map(|body| events(&body).remove(0).envelope);
        assert_eq!(first.dedupe_key, again.dedupe_key);
        assert!(!first.quality.is_some_and(|quality| quality.redelivered));
        assert!(again.quality.unwrap().redelivered);
    }
}

#[test]
fn the_reply_token_is_free_for_a_minute_and_of_a_redelivery_nobody_knows() {
    let body = sample("message_text");
    let event = events(body).remove(0).envelope;
    let policy = event.reply_policy.unwrap();
    assert_eq!(policy.free_until.unwrap().seconds - event.occurred_at.unwrap().seconds, 60);
    let again = events(&body.replace("\"isRedelivery\":false", "\"isRedelivery\":true")).remove(0).envelope;
    let policy = again.reply_policy.unwrap();
    assert!(policy.reply_token.is_some() && policy.free_until.is_none());
}

#[test]
fn a_fault_never_repeats_what_was_written() {
    let body = sample("message_text_quote").replace("\"Cái này còn không?\"", "[\"secret words\"]");
    let event = events(&body).remove(0);
    let Some(Payload::Unsupported(unsupported)) = &event.envelope.payload else { panic!("unsupported") };
    assert!(!format!("{unsupported:?}").contains("secret") && !format!("{event:?}").contains("secret"));
}

#[test]
fn an_event_made_whole_is_a_call_of_the_same_account_and_a_call_stays_as_it_is() {
    let connector = (CONNECTOR.bare)();
    let body = r#"{"destination":"U1","events":[{"type":"new","x":12345678901234567890123},{"type":"new \"2\""}]}"#;
    let before = events(body);
    for event in &before {
        let whole = connector.whole(&event.raw, &event.envelope).into_owned();
        let again = events(&String::from_utf8(whole.clone()).unwrap());
        assert_eq!(again.len(), 1);
        assert_eq!(again[0].envelope.account, event.envelope.account);
        assert_eq!(again[0].envelope.dedupe_key, event.envelope.dedupe_key);
        assert_eq!(*connector.whole(&whole, &Envelope::default()), whole);
    }
}
