//! Rules that a golden does not make obvious.

use connector_sdk::Event;
use connector_telegram::CONNECTOR;
use connector_testkit::Endpoint;
use kenh_proto::v1::{Direction, ReactionAction, envelope::Payload};

fn events(body: &str) -> Vec<Event> {
    Endpoint::of(&CONNECTOR, "bot_id: '800001'\nsecret_tokens: s").normalized(body).events
}

fn sample(name: &str) -> &'static str {
    CONNECTOR.sample(name).unwrap_or_else(|| panic!("no sample {name}")).body
}

#[test]
fn every_documented_update_is_typed_or_named_here() {
    let untyped = [
        "message_pinned",
        "guest_message",
        "inline_query",
        "poll",
        "message_reaction_count",
        "chat_boost",
        "removed_chat_boost",
        "managed_bot",
    ];
    for sample in CONNECTOR.samples {
        for event in events(sample.body) {
            let unsupported = matches!(event.envelope.payload, Some(Payload::Unsupported(_)));
            assert_eq!(unsupported, untyped.contains(&sample.name), "{}", sample.name);
            assert_eq!(event.envelope.account.unwrap().external_id.as_deref(), Some("800001"));
        }
    }
}

#[test]
fn what_people_write_to_the_business_is_another_conversation_than_to_the_bot() {
    let conversation = |body: &str| events(body).remove(0).envelope.conversation.unwrap().external_id;
    let business = sample("business_message");
    let bot = business.replace("business_message", "message").replace("\"business_connection_id\":\"bc1\",", "");
    assert_eq!((conversation(business).as_str(), conversation(&bot).as_str()), ("bc1:700002", "700002"));
}

#[test]
fn the_owner_of_a_business_account_is_no_customer() {
    let direction = |name: &str| events(sample(name)).remove(0).envelope.direction();
    assert_eq!(direction("business_message"), Direction::Inbound);
    assert_eq!(direction("business_message_own"), Direction::Echo);
    assert_eq!(direction("channel_post"), Direction::Echo);
}

#[test]
fn only_the_reactions_that_differ_happened() {
    let changes: Vec<_> = events(sample("message_reaction_changed"))
        .into_iter()
        .map(|event| match event.envelope.payload {
            Some(Payload::Reaction(reaction)) => (reaction.action(), reaction.code.unwrap(), reaction.emoji.is_some()),
            other => panic!("a reaction, not {other:?}"),
        })
        .collect();
    assert_eq!(
        changes,
        [
            (ReactionAction::Removed, "👍".to_owned(), true),
            (ReactionAction::Added, "5368324170671202286".to_owned(), false),
            (ReactionAction::Added, "paid".to_owned(), false),
        ]
    );
}

#[test]
fn people_are_the_same_for_every_bot_and_keep_all_digits() {
    let contact = events(sample("message_text")).remove(0).envelope.contact.unwrap();
    let identity = contact.identities.first().unwrap();
    assert_eq!((identity.value.as_str(), identity.scope.as_deref()), ("5000700001", None));
}

#[test]
fn a_fault_never_repeats_what_was_written() {
    let body = sample("message_forward").replace("\"Tin chuyển tiếp\"", "[\"secret words\"]");
    let event = events(&body).remove(0);
    let Some(Payload::Unsupported(unsupported)) = &event.envelope.payload else { panic!("unsupported") };
    assert!(!format!("{unsupported:?}").contains("secret") && !format!("{event:?}").contains("secret"));
}
