//! Rules that a golden does not make obvious.

use connector_discord::CONNECTOR;
use connector_sdk::Event;
use connector_testkit::Endpoint;
use kenh_proto::v1::{ConversationKind, envelope::Payload};

const KEY: &str = "public_keys: test:key";

fn event(body: &str) -> Event {
    Endpoint::of(&CONNECTOR, KEY).normalized(body).events.remove(0)
}

fn sample(name: &str) -> Event {
    event(CONNECTOR.sample(name).unwrap_or_else(|| panic!("no sample {name}")).body)
}

#[test]
fn every_event_whose_shape_is_documented_is_typed() {
    let untyped = ["entitlement_", "quest_", "lobby_", "game_"];
    for one in CONNECTOR.samples.iter().filter(|one| !one.name.ends_with("ping")) {
        let unsupported = matches!(sample(one.name).envelope.payload, Some(Payload::Unsupported(_)));
        assert_eq!(unsupported, untyped.iter().any(|begin| one.name.starts_with(begin)), "{}", one.name);
    }
}

#[test]
fn an_interaction_can_be_answered_for_a_quarter_of_an_hour() {
    let envelope = sample("component_button").envelope;
    let policy = envelope.reply_policy.unwrap();
    assert!(policy.reply_token.is_some_and(|token| token.starts_with("aW50")));
    assert_eq!(policy.free_until.unwrap().seconds - envelope.occurred_at.unwrap().seconds, 900);
    assert_eq!(sample("autocomplete").envelope.reply_policy, None, "a command that is typed has no answer to follow");
    let foreign = event(include_str!("../fixtures/odd/token_with_a_path.json")).envelope;
    assert_eq!(foreign.reply_policy, None, "what cannot be a token does not get into an address");
}

#[test]
fn a_chat_with_the_application_is_the_persons_and_others_are_channels() {
    let place = |name: &str| {
        let conversation = sample(name).envelope.conversation.unwrap();
        (conversation.kind(), conversation.external_id)
    };
    assert_eq!(place("command_direct"), (ConversationKind::Direct, "1100000000000000007".into()));
    assert_eq!(place("command_other_chat"), (ConversationKind::Group, "1200000000000000006".into()));
    assert_eq!(place("command"), (ConversationKind::Group, "1200000000000000006".into()));
}

#[test]
fn what_one_person_alone_sees_is_between_them_and_the_application() {
    let body = CONNECTOR.sample("command").unwrap().body;
    let endpoint = Endpoint::of(&CONNECTOR, &format!("{KEY}\nephemeral: true"));
    let conversation = endpoint.normalized(body).events.remove(0).envelope.conversation.unwrap();
    assert_eq!(conversation.kind(), ConversationKind::Direct);
    assert_eq!(conversation.external_id, "1100000000000000007", "another's answer would be shown to this one");
}

#[test]
fn an_event_that_is_delivered_again_is_the_same() {
    let body = CONNECTOR.sample("application_authorized").unwrap().body;
    assert_eq!(event(body).envelope.dedupe_key, event(body).envelope.dedupe_key);
    let later = body.replace("00:00.123456", "00:01.123456");
    assert_ne!(event(body).envelope.dedupe_key, event(&later).envelope.dedupe_key);
}
