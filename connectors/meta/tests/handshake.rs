//! Setting up the callback URL: the same for every channel of an app.

use std::time::SystemTime;

use connector_sdk::{
    Connector, Handshake, RawRequest, Registration, Section,
    settings::{self, Faults},
};
use http::{HeaderMap, Method};

const CHANNELS: [Registration; 3] =
    [connector_instagram::CONNECTOR, connector_messenger::CONNECTOR, connector_whatsapp::CONNECTOR];

/// What every channel answers.
fn ask(query: &str) -> Handshake {
    same(|channel| {
        let mut faults = Faults::default();
        let node = settings::parse("app_secrets: secret\nverify_token: open sesame", &mut faults);
        let connector = (channel.configure)(&mut Section::new(&node, channel.channel, &mut faults));
        assert!(faults.sorted().is_empty());
        answer(&*connector, query)
    })
}

fn same(asked: impl Fn(&Registration) -> Handshake) -> Handshake {
    let [first, second, third] = CHANNELS.each_ref().map(asked);
    assert_eq!((&first, &first), (&second, &third));
    first
}

fn answer(connector: &dyn Connector, query: &str) -> Handshake {
    connector.handshake(RawRequest {
        method: &Method::GET,
        query,
        headers: &HeaderMap::new(),
        body: b"",
        received_at: SystemTime::UNIX_EPOCH,
    })
}

#[test]
fn whoever_knows_the_token_hears_the_challenge_again() {
    let right = "hub.mode=subscribe&hub.verify_token=open%20sesame&hub.challenge=1158201444";
    assert_eq!(ask(right), Handshake::Answer("1158201444".into()));
    let encoded = "hub%2Emode=subscribe&hub%2Everify_token=open+sesame&hub%2Echallenge=00012";
    assert_eq!(ask(encoded), Handshake::Answer("00012".into()));
    let other_order = "hub.challenge=a%2Bb&x=1&hub.verify_token=open+sesame&hub.mode=subscribe";
    assert_eq!(ask(other_order), Handshake::Answer("a+b".into()));
}

#[test]
fn a_wrong_token_or_mode_is_refused() {
    for query in [
        "hub.mode=subscribe&hub.verify_token=open+sesam&hub.challenge=1",
        "hub.mode=subscribe&hub.verify_token=Open+Sesame&hub.challenge=1",
        "hub.mode=subscribe&hub.verify_token=&hub.challenge=1",
        "hub.mode=unsubscribe&hub.verify_token=open+sesame&hub.challenge=1",
        "hub.mode=subscribe&hub.verify_token=wrong&hub.verify_token=open+sesame&hub.challenge=1",
    ] {
        assert_eq!(ask(query), Handshake::Refused, "{query}");
    }
}

#[test]
fn what_is_missing_is_asked_for_whether_or_not_the_token_is_right() {
    for query in [
        "",
        "hub.mode=subscribe",
        "hub.mode=subscribe&hub.verify_token=open+sesame",
        "hub.mode=subscribe&hub.verify_token=open+sesame&hub.challenge=",
        "hub.verify_token=open+sesame&hub.challenge=1",
        "hub.mode=subscribe&hub.challenge=1",
        "hub_mode=subscribe&hub_verify_token=open+sesame&hub_challenge=1",
    ] {
        assert!(matches!(ask(query), Handshake::Incomplete(_)), "{query}");
    }
}

#[test]
fn no_page_of_text_is_repeated() {
    let query =
        |length| format!("hub.mode=subscribe&hub.verify_token=open+sesame&hub.challenge={}", "7".repeat(length));
    assert_eq!(ask(&query(256)), Handshake::Answer("7".repeat(256)));
    assert!(matches!(ask(&query(257)), Handshake::Incomplete(_)));
}

#[test]
fn without_settings_everybody_is_refused() {
    for query in ["", "hub.mode=subscribe&hub.verify_token=&hub.challenge=1"] {
        assert_eq!(same(|channel| answer(&*(channel.bare)(), query)), Handshake::Refused, "{query}");
    }
}
