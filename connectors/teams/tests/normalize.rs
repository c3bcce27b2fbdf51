//! Rules that a golden does not show.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use connector_sdk::{Ack, Event};
use connector_teams::CONNECTOR;
use connector_testkit::Endpoint;
use kenh_proto::v1::envelope::Payload;

const APP: &str = "app_id: 00000000-0000-0000-0000-000000000010\n";

fn sample(name: &str) -> &'static str {
    CONNECTOR.sample(name).unwrap_or_else(|| panic!("no sample {name}")).body
}

fn events(body: &str) -> Vec<Event> {
    Endpoint::of(&CONNECTOR, APP).normalized(body).events
}

fn key(body: &str) -> String {
    events(body).remove(0).envelope.dedupe_key
}

#[test]
fn every_documented_activity_is_typed() {
    for sample in CONNECTOR.samples {
        for event in events(sample.body) {
            assert!(!matches!(event.envelope.payload, Some(Payload::Unsupported(_))), "{}", sample.name);
        }
    }
}

#[test]
fn a_repeated_delivery_is_one_event_and_a_second_change_another() {
    let written = sample("message");
    assert_eq!(key(written), key(&written.replace("00:00:01.123Z", "00:00:59.123Z")), "a message is written once");
    assert_ne!(key(written), key(&written.replace("a:1xyz", "a:2xyz")), "ids hold within a conversation");
    for name in ["messageUpdate", "messageDelete", "messageReaction_added"] {
        let body = sample(name);
        assert_eq!(key(body), key(body));
        assert_ne!(key(body), key(&body.replace(".123Z", ".456Z")), "{name} may happen again");
    }
}

#[test]
fn an_address_is_kept_only_where_a_token_could_go_there() {
    let address = |url: &str| {
        let body = sample("message").replace("https://smba.trafficmanager.net/emea/", url);
        events(&body).remove(0).envelope.reply_policy.and_then(|policy| policy.reply_address)
    };
    let right = "https://smba.trafficmanager.net/emea/";
    assert_eq!(address(right).as_deref(), Some(right));
    for wrong in ["http://smba.trafficmanager.net/", "https://a@b/", "/emea/", "file:///etc/passwd", ""] {
        assert_eq!(address(wrong), None, "{wrong}");
    }
}

#[test]
fn a_card_that_waits_is_answered_and_nothing_else_is() {
    let endpoint = Endpoint::of(&CONNECTOR, &format!("{APP}action_answer: Đã nhận\n"));
    let Ack::Json(answer) = endpoint.ack(sample("invoke_card")) else { panic!("an answer") };
    let answer: serde_json::Value = serde_json::from_str(&answer).expect("JSON");
    assert_eq!((&answer["statusCode"], &answer["value"]), (&200.into(), &"Đã nhận".into()));
    for name in ["invoke_other", "invoke_task", "message", "message_card_submit"] {
        assert_eq!(endpoint.ack(sample(name)), Ack::Empty, "{name}");
    }
    assert_eq!(endpoint.ack("no JSON"), Ack::Empty);
}

#[test]
fn a_fault_never_repeats_what_was_written() {
    let body =
        sample("message").replace("\"Còn size M không ạ?\",\n  \"textFormat\"", "[\"secret words\"], \"textFormat\"");
    let event = events(&body).remove(0);
    let Some(Payload::Unsupported(unsupported)) = &event.envelope.payload else { panic!("unsupported") };
    assert!(!format!("{unsupported:?}").contains("secret") && !format!("{event:?}").contains("secret"));
    assert!(event.envelope.conversation.is_some(), "where it was written is known all the same");
}

#[test]
fn what_one_activity_holds_is_bounded() {
    let many = |count| format!("[{}]", vec![r#"{"type":"like"}"#; count].join(","));
    let body = |count| {
        format!(
            r#"{{"type":"messageReaction","id":"1","replyToId":"2","conversation":{{"id":"a:1"}},"reactionsAdded":{}}}"#,
            many(count)
        )
    };
    assert!(events(&body(10_000)).len() <= 20);
}

#[test]
fn settings_that_cannot_work_are_named() {
    let faults = |yaml: &str| Endpoint::faults(&CONNECTOR, yaml);
    assert_eq!(faults("{}"), ["teams.app_id"]);
    assert_eq!(faults("app_id: my-bot"), ["teams.app_id"]);
    for (more, named) in [
        ("simulation_key: short", "teams.simulation_key"),
        ("clock_skew: 1h", "teams.clock_skew"),
        ("openid_metadata: http://login.example.test/x", "teams.openid_metadata"),
        ("service_hosts: ['https://smba.example.test/']", "teams.service_hosts"),
        ("service_hosts: [smba.example.test/emea]", "teams.service_hosts"),
        ("service_url: http://smba.example.test", "teams.service_url"),
        ("token_url: ftp://login.example.test", "teams.token_url"),
        ("accounts: {'28:00000000-0000-0000-0000-000000000011': {refresh_token: s}}", "teams.accounts"),
        (
            "accounts: {'28:00000000-0000-0000-0000-000000000010': {name: x}}",
            "teams.accounts.28:00000000-0000-0000-0000-000000000010.token",
        ),
        ("tenants: [x]", "teams.tenants"),
    ] {
        assert_eq!(faults(&format!("{APP}{more}\n")), [named], "{more}");
    }
    assert!(!Endpoint::of(&CONNECTOR, APP).sends());
}
