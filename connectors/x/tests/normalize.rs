//! Rules that a golden does not make obvious.

use connector_sdk::Event;
use connector_testkit::Endpoint;
use connector_x::CONNECTOR;
use kenh_proto::v1::{Direction, envelope::Payload};

fn events(body: &str) -> Vec<Event> {
    Endpoint::of(&CONNECTOR, "consumer_secrets: s").normalized(body).events
}

fn sample(name: &str) -> Event {
    events(CONNECTOR.sample(name).unwrap_or_else(|| panic!("no sample {name}")).body).remove(0)
}

#[test]
fn every_event_whose_shape_is_documented_is_typed() {
    let untyped = ["chat_", "profile_", "mute_", "block_", "spaces_", "broadcast_", "news_", "aaa_block", "aaa_mute"];
    for one in CONNECTOR.samples {
        let unsupported = matches!(sample(one.name).envelope.payload, Some(Payload::Unsupported(_)));
        assert_eq!(unsupported, untyped.iter().any(|begin| one.name.starts_with(begin)), "{}", one.name);
    }
}

#[test]
fn the_identity_is_the_channels_own_to_the_last_digit() {
    let key = |name: &str| sample(name).envelope.dedupe_key;
    assert_eq!(key("dm_received"), "-6850000000000000001");
    assert_eq!(key("dm_sent"), "-9223372036854775808");
    assert_eq!(key("dm_read"), "9223372036854775807");
    assert_eq!(key("aaa_direct_message"), "dm:954000000000000001");
}

#[test]
fn what_the_account_does_itself_is_an_echo_about_the_other() {
    for name in ["dm_sent", "aaa_direct_message_own", "follow_follow_own", "like_create_own"] {
        let envelope = sample(name).envelope;
        assert_eq!(envelope.direction(), Direction::Echo, "{name}");
        assert_eq!(envelope.contact.unwrap().identities.first().unwrap().value, "2220001", "{name}");
    }
    let own_post = sample("post_create").envelope;
    assert_eq!((own_post.direction(), own_post.contact), (Direction::Echo, None));
}

#[test]
fn a_receipt_says_up_to_when_by_the_messages_id() {
    let Some(Payload::Receipt(receipt)) = sample("dm_read").envelope.payload else { panic!("a receipt") };
    let watermark = receipt.watermark.unwrap();
    // 2080000000000000003 >> 22, from X's epoch on.
    assert_eq!((watermark.seconds, watermark.nanos / 1_000_000), (1_784_745_619, 188));
    assert_eq!(receipt.provider_message_ids, ["2080000000000000003"]);
}

#[test]
fn several_messages_of_one_activity_have_identities_of_their_own() {
    let body = include_str!("../fixtures/odd/two_in_one.json");
    let keys: Vec<_> = events(body).into_iter().map(|event| event.envelope.dedupe_key).collect();
    assert_eq!(keys, ["55:0", "55:1"]);
}

#[test]
fn an_item_that_cannot_be_read_costs_its_neighbours_nothing() {
    let events = events(include_str!("../fixtures/odd/bad_neighbour.json"));
    let typed = |event: &Event| matches!(event.envelope.payload, Some(Payload::Message(_)));
    assert_eq!(events.iter().map(typed).collect::<Vec<_>>(), [false, true, false]);
}
