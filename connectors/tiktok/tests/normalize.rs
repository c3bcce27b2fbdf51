//! Rules that a golden does not make obvious.

use connector_sdk::Event;
use connector_testkit::Endpoint;
use connector_tiktok::CONNECTOR;
use kenh_proto::v1::{Direction, envelope::Payload};

fn event(settings: &str, body: &str) -> Event {
    Endpoint::of(&CONNECTOR, &format!("client_secrets: s\n{settings}")).normalized(body).events.remove(0)
}

fn sample(name: &str) -> Event {
    event("", CONNECTOR.sample(name).unwrap_or_else(|| panic!("no sample {name}")).body)
}

#[test]
fn every_event_whose_shape_is_documented_is_typed() {
    for one in CONNECTOR.samples {
        let unsupported = matches!(sample(one.name).envelope.payload, Some(Payload::Unsupported(_)));
        assert!(!unsupported, "{}", one.name);
    }
}

#[test]
fn a_message_opens_the_time_for_answering() {
    let open = |settings: &str, name: &str| {
        let envelope = event(settings, CONNECTOR.sample(name).unwrap().body).envelope;
        let until = envelope.reply_policy.and_then(|policy| policy.open_until);
        until.map(|until| until.seconds - envelope.occurred_at.unwrap().seconds)
    };
    assert_eq!(open("", "receive_text"), Some(48 * 3600));
    assert_eq!(open("reply_window: 24h", "receive_text"), Some(24 * 3600));
    assert_eq!(open("reply_window: 0s", "receive_text"), None);
    assert_eq!(open("", "send_text"), None, "what the account writes opens nothing");
    let own = CONNECTOR.sample("send_text").unwrap().body.replace("im_send_msg", "im_receive_msg");
    let own = event("", &own).envelope;
    assert_eq!((own.direction(), own.reply_policy), (Direction::Echo, None), "by whatever name it comes");
}

#[test]
fn what_the_account_writes_is_an_echo_about_the_other() {
    let envelope = sample("send_text").envelope;
    assert_eq!(envelope.direction(), Direction::Echo);
    let contact = envelope.contact.unwrap();
    assert_eq!(contact.identities.first().unwrap().value, "u1");
    assert_eq!(envelope.dedupe_key, "c1:m7");
}

#[test]
fn ids_keep_every_digit() {
    let envelope = event("", include_str!("../fixtures/odd/ids_as_numbers.json")).envelope;
    assert_eq!(envelope.dedupe_key, "7600000000000000002:7600000000000000001");
    assert_eq!(envelope.account.unwrap().external_id.as_deref(), Some("7000000000000000001"));
}

#[test]
fn people_are_known_within_the_account() {
    let identity = sample("receive_text").envelope.contact.unwrap().identities.remove(0);
    assert_eq!((identity.value.as_str(), identity.scope.as_deref()), ("u1", Some("biz-1")));
}
