//! Rules that a golden does not make obvious.

#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use connector_discourse::CONNECTOR;
use connector_sdk::{Connector, Delivery, Event};
use connector_testkit::steps;
use http::HeaderMap;
use kenh_proto::v1::{Direction, envelope::Payload};

fn endpoint(more: &str) -> Box<dyn Connector> {
    let (endpoint, faults) = steps::read(
        &CONNECTOR,
        &format!("site: https://forum.example.test/\nsecrets: s\nown_usernames: [SUPPORT]\n{more}"),
    );
    assert!(faults.is_empty(), "{faults:?}");
    endpoint
}

fn sample(name: &str) -> Event {
    let sample = CONNECTOR.sample(name).unwrap_or_else(|| panic!("no sample {name}"));
    let headers: HeaderMap = sample
        .headers
        .iter()
        .map(|(name, value)| (name.to_lowercase().parse::<http::HeaderName>().unwrap(), value.parse().unwrap()))
        .collect();
    let delivery = Delivery { headers: &headers, body: sample.body.as_bytes() };
    endpoint("").normalize(delivery).unwrap().events.remove(0)
}

#[test]
fn every_event_that_has_a_typed_form_is_typed() {
    let untyped = [
        "post_note",
        "user_logged_in",
        "category",
        "group",
        "tag",
        "reviewable",
        "notification",
        "user_badge",
        "chat_message",
        "solved",
    ];
    for one in CONNECTOR.samples.iter().filter(|one| one.name != "ping") {
        let unsupported = matches!(sample(one.name).envelope.payload, Some(Payload::Unsupported(_)));
        assert_eq!(unsupported, untyped.contains(&one.name), "{}", one.name);
    }
}

#[test]
fn what_happened_to_one_post_has_identities_of_its_own() {
    let keys = ["post_created", "post_edited", "post_destroyed", "post_recovered"];
    let keys = keys.map(|name| sample(name).envelope.dedupe_key);
    assert_eq!(keys[0], "post_created:501:2026-01-01T00:00:00.000Z");
    assert!((1..4).all(|index| !keys[..index].contains(&keys[index])), "{keys:?}");
}

#[test]
fn the_businesss_own_posts_are_echoes_whatever_the_case_of_the_name() {
    let own = sample("post_created_own").envelope;
    assert_eq!((own.direction(), own.contact), (Direction::Echo, None));
    assert_eq!(sample("post_created").envelope.direction(), Direction::Inbound);
}

#[test]
fn people_hold_within_the_site_and_are_answered_by_name() {
    let contact = sample("private_created").envelope.contact.unwrap();
    let first = contact.identities.first().unwrap();
    assert_eq!((first.scheme.as_str(), first.value.as_str()), ("discourse_username", "ana"));
    assert!(contact.identities.iter().all(|id| id.scope.as_deref() == Some("https://forum.example.test")));
}
