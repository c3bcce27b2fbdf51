//! Rules that a golden does not make obvious.

use connector_linkedin::CONNECTOR;
use connector_sdk::Event;
use connector_testkit::Endpoint;
use kenh_proto::v1::{Direction, envelope::Payload};

fn events(body: &str) -> Vec<Event> {
    Endpoint::of(&CONNECTOR, "client_secrets: s").normalized(body).events
}

fn sample(name: &str) -> Event {
    events(CONNECTOR.sample(name).unwrap_or_else(|| panic!("no sample {name}")).body).remove(0)
}

#[test]
fn every_event_whose_shape_is_documented_is_typed() {
    for one in CONNECTOR.samples {
        let unsupported = |event: &Event| matches!(event.envelope.payload, Some(Payload::Unsupported(_)));
        assert!(!events(one.body).iter().any(unsupported), "{}", one.name);
    }
}

#[test]
fn the_organizations_own_comments_are_echoes_of_nobody() {
    for name in ["comment_own", "admin_comment"] {
        let envelope = sample(name).envelope;
        assert_eq!((envelope.direction(), envelope.contact), (Direction::Echo, None), "{name}");
    }
    assert_eq!(sample("comment").envelope.direction(), Direction::Inbound);
}

#[test]
fn the_identity_is_the_notifications_to_the_last_digit() {
    let event = events(include_str!("../fixtures/odd/id_beyond_doubles.json")).remove(0);
    assert_eq!(event.envelope.dedupe_key, "18446744073709551615");
    let bare = |index: usize| events(include_str!("../fixtures/odd/without_id.json")).remove(index).envelope.dedupe_key;
    assert!(bare(0).starts_with("sha256:"));
}

#[test]
fn an_item_that_cannot_be_read_costs_its_neighbours_nothing() {
    let events = events(include_str!("../fixtures/odd/bad_neighbour.json"));
    let typed = |event: &Event| matches!(event.envelope.payload, Some(Payload::Comment(_)));
    assert_eq!(events.iter().map(typed).collect::<Vec<_>>(), [false, true, false]);
}
