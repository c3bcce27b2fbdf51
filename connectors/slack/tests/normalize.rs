//! Rules that a golden does not make obvious.

use connector_sdk::{Ack, Event};
use connector_slack::CONNECTOR;
use connector_testkit::Endpoint;
use kenh_proto::v1::{ActorRole, Direction, envelope::Payload};

fn endpoint() -> Endpoint {
    Endpoint::of(&CONNECTOR, "signing_secrets: s")
}

fn events(body: &str) -> Vec<Event> {
    endpoint().normalized(body).events
}

fn sample(name: &str) -> &'static str {
    CONNECTOR.sample(name).unwrap_or_else(|| panic!("no sample {name}")).body
}

#[test]
fn the_challenge_is_answered_and_nothing_else_is() {
    let challenge = "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P";
    assert_eq!(endpoint().ack(sample("url_verification")), Ack::Text(challenge.into()));
    let others = CONNECTOR.samples.iter().filter(|sample| sample.name != "url_verification");
    for sample in others {
        assert_eq!(endpoint().ack(sample.body), Ack::Empty, "{}", sample.name);
    }
    let event = sample("message_im").replace("\"token\":\"t\"", "\"challenge\":\"c\"");
    assert_eq!(endpoint().ack(&event), Ack::Empty);
    let long = sample("url_verification").replace("3eZb", &"3eZb".repeat(1100));
    assert_eq!(endpoint().ack(&long), Ack::Empty, "a page of text is not repeated");
}

#[test]
fn every_documented_event_is_typed_or_named_here() {
    let untyped = ["message_changed_unfurl", "message_replied", "view_closed"];
    for sample in CONNECTOR.samples {
        for event in events(sample.body) {
            let unsupported = matches!(event.envelope.payload, Some(Payload::Unsupported(_)));
            assert_eq!(unsupported, untyped.contains(&sample.name), "{}", sample.name);
        }
    }
}

#[test]
fn a_mention_that_comes_as_two_events_is_one_message() {
    let [message, mention] = ["message_mention", "app_mention"].map(|name| events(sample(name)).remove(0).envelope);
    assert_ne!(message.provider_event_id, mention.provider_event_id);
    assert_eq!((message.dedupe_key, message.payload), (mention.dedupe_key, mention.payload));
    let other_app = sample("message_mention").replace("A0001", "A0002");
    assert_ne!(
        events(&other_app).remove(0).envelope.dedupe_key,
        events(sample("app_mention")).remove(0).envelope.dedupe_key
    );
}

#[test]
fn what_programs_write_is_told_from_what_people_write() {
    let who = |name: &str| {
        let envelope = events(sample(name)).remove(0).envelope;
        (envelope.direction(), envelope.actor.unwrap().role())
    };
    assert_eq!(who("message_im"), (Direction::Inbound, ActorRole::Contact));
    assert_eq!(who("message_own"), (Direction::Echo, ActorRole::Bot));
    assert_eq!(who("message_bot"), (Direction::Inbound, ActorRole::Bot));
    assert_eq!(who("message_bot_user"), (Direction::Inbound, ActorRole::Bot), "newer programs have no subtype");
}

#[test]
fn one_channel_is_one_conversation_whatever_the_event_calls_it() {
    let kind = |name: &str| events(sample(name)).remove(0).envelope.conversation.unwrap();
    for (one, other) in
        [("message_im", "message_app_home"), ("message_im", "block_actions"), ("message_channel", "reaction_added")]
    {
        assert_eq!(kind(one), kind(other), "{one} and {other}");
    }
}

#[test]
fn a_repeat_is_known_by_its_header_and_is_not_dropped() {
    let repeat = |value: &str| endpoint().is_redelivery(&[("x-slack-retry-num", value)]);
    assert!(repeat("1") && repeat("3"));
    assert!(!repeat("0") && !repeat("x") && !endpoint().is_redelivery(&[]));
    assert_eq!(events(sample("message_retry")).len(), 1);
}

#[test]
fn more_controls_than_a_message_can_hold_are_kept_as_they_came() {
    let form = |count: usize| {
        let actions = vec![r#"{"action_id":"a","action_ts":"1767225700.000200"}"#; count].join(",");
        format!(r#"payload={{"type":"block_actions","team":{{"id":"T1"}},"actions":[{actions}]}}"#)
    };
    assert_eq!(events(&form(100)).len(), 100);
    let [kept] = <[Event; 1]>::try_from(events(&form(101))).unwrap();
    assert!(matches!(kept.envelope.payload, Some(Payload::Unsupported(_))));
}

#[test]
fn a_fault_never_repeats_what_was_written() {
    let body = sample("message_group").replace("\"Báo giá mới\"", "[\"secret words\"]");
    let event = events(&body).remove(0);
    let Some(Payload::Unsupported(unsupported)) = &event.envelope.payload else { panic!("unsupported") };
    assert!(!format!("{unsupported:?}").contains("secret") && !format!("{event:?}").contains("secret"));
}
