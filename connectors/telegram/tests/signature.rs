//! Which requests are believed. Telegram does not sign: whoever knows the word is believed, whatever they say.

use connector_sdk::{Ack, Proof, Rejected};
use connector_telegram::CONNECTOR;
use connector_testkit::Endpoint;

const HEADER: &str = "X-Telegram-Bot-Api-Secret-Token";
const BODY: &str = r#"{"update_id":1}"#;

fn endpoint(tokens: &str) -> Endpoint {
    Endpoint::of(&CONNECTOR, &format!("bot_id: '800001'\nsecret_tokens: {tokens}"))
}

#[test]
fn the_word_is_believed_and_called_a_token() {
    assert_eq!(endpoint("Word_01-x").verdict(BODY, &[(HEADER, "Word_01-x")], 0), Ok(Proof::Token));
    assert_eq!(endpoint("Word_01-x").signed(BODY, 0), [(HEADER, "Word_01-x".to_owned())]);
}

#[test]
fn anything_but_the_word_is_refused() {
    for other in ["", "Word_01-", "Word_01-xx", "word_01-x", "Word_01-y", "Word_01-x Word_01-x"] {
        assert_eq!(endpoint("Word_01-x").verdict(BODY, &[(HEADER, other)], 0), Err(Rejected::TokenMismatch), "{other}");
    }
    let twice = [(HEADER, "Word_01-x"), (HEADER, "Word_01-x")];
    assert_eq!(endpoint("Word_01-x").verdict(BODY, &twice, 0), Err(Rejected::TokenMissing));
    assert_eq!(endpoint("Word_01-x").verdict(BODY, &[], 0), Err(Rejected::TokenMissing));
    assert_eq!(endpoint("Word_01-x").verdict(BODY, &[("X-Other", "Word_01-x")], 0), Err(Rejected::TokenMissing));
}

#[test]
fn while_the_word_is_replaced_both_are_believed() {
    let verdict = |word: &str| endpoint("[one, two]").verdict(BODY, &[(HEADER, word)], 0);
    assert_eq!((verdict("one"), verdict("two")), (Ok(Proof::Token), Ok(Proof::Token)));
    assert_eq!(verdict("three"), Err(Rejected::TokenMismatch));
}

#[test]
fn the_answer_is_never_a_method() {
    for sample in CONNECTOR.samples {
        assert_eq!(endpoint("s").ack(sample.body), Ack::Empty, "{}", sample.name);
    }
}

#[test]
fn settings_name_what_is_wrong_with_them() {
    assert_eq!(Endpoint::faults(&CONNECTOR, "{}"), ["telegram.bot_id", "telegram.secret_tokens"]);
    let whole_token = "bot_id: '800001:AAF'\nsecret_tokens: s";
    assert_eq!(Endpoint::faults(&CONNECTOR, whole_token), ["telegram.bot_id"]);
}
