//! Settings of sending, and rules that no single golden shows.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::time::Duration;

use common::{NUMBER, call, configured, ended, endpoint, hello, person, reply, step};
use connector_sdk::{
    Connector,
    outbound::{Accepted, Body, Counted, Failure, Outcome, Scope, To, Window},
};
use connector_whatsapp::WhatsApp;
use kenh_proto::v1::{Capability, Feature, SendReason, SupportLevel};
use serde_json::json;

fn address(more: &str) -> String {
    call(step(&*endpoint(more), &hello(), &person(), Window::Open, &[])).url
}

#[test]
fn without_a_number_it_only_receives() {
    let (receiving, faults) = configured("");
    assert!(receiving.outbound().is_none() && faults.is_empty(), "{faults:?}");
    assert!(WhatsApp::default().outbound().is_none());
    assert_eq!(endpoint("").outbound().unwrap().accounts().only(), Some(NUMBER));
}

#[test]
fn calls_prove_the_app_secret_by_metas_own_vector_unless_told_not_to() {
    let proof = "4af689eb882219fd053ad7bbb5ef4f24c7e22be9f35806cf33e589f7e4b52ee0";
    let plain = format!("https://graph.facebook.com/v25.0/{NUMBER}/messages");
    assert_eq!(address(""), format!("{plain}?appsecret_proof={proof}"));
    assert_eq!(address("appsecret_proof: false"), plain);
    let elsewhere = "appsecret_proof: false\napi_url: http://127.0.0.1:8080/graph/\napi_version: v21.0";
    assert_eq!(address(elsewhere), format!("http://127.0.0.1:8080/graph/v21.0/{NUMBER}/messages"));
}

#[test]
fn settings_that_cannot_be_right_are_named() {
    let number = format!("accounts:\n  \"{NUMBER}\":\n    token: t\n");
    for (wrong, named) in [
        (format!("{number}messages_per_second: 9"), "messages_per_second"),
        (format!("{number}messages_per_second: 1001"), "messages_per_second"),
        (format!("{number}api_version: 25"), "api_version"),
        ("accounts:\n  \"+84 90\":\n    token: t".to_owned(), "accounts"),
        ("accounts:\n  \"7\":\n    name: Shop".to_owned(), "token"),
    ] {
        let faults = configured(&wrong).1;
        assert!(faults.len() == 1 && faults[0].contains(named), "{wrong}: {faults:?}");
    }
}

#[test]
fn a_window_that_closed_while_a_message_waited_ends_it_before_any_call() {
    for window in [Window::HumanOnly, Window::Closed] {
        let outcome = ended(step(&*endpoint(""), &hello(), &person(), window, &[]));
        assert_eq!(outcome, Failure::permanent(SendReason::WindowClosed, None), "{window:?}");
    }
    let taken = reply(200, &json!({"messages": [{"id": "wamid.1"}]}));
    let outcome = ended(step(&*endpoint(""), &hello(), &person(), Window::Closed, &[taken]));
    assert_eq!(outcome, Outcome::Accepted(Accepted::id("wamid.1")), "what was taken stays taken");
}

#[test]
fn numbers_are_digits_and_ids_stay_as_they_are() {
    let sent = |scheme: &str, value: &str| {
        let to = To::Contact { scheme: scheme.into(), value: value.into() };
        let Body::Json(body) = call(step(&*endpoint(""), &hello(), &to, Window::Open, &[])).body else { panic!() };
        (body["to"].clone(), body["recipient"].clone())
    };
    let none = json!(null);
    assert_eq!(sent("wa_id", "84901234567"), (json!("84901234567"), none.clone()));
    assert_eq!(sent("phone", "+84 (90) 123-45.67"), (json!("84901234567"), none.clone()));
    assert_eq!(sent("whatsapp_user_id", "VN.1000200030004000"), (none, json!("VN.1000200030004000")));
    for (scheme, value) in
        [("phone", "84901234567"), ("phone", "+0849012345"), ("wa_id", "123"), ("wa_id", "84x9012345")]
    {
        let to = To::Contact { scheme: scheme.into(), value: value.into() };
        let outcome = ended(step(&*endpoint(""), &hello(), &to, Window::Open, &[]));
        assert_eq!(outcome, Failure::permanent(SendReason::RecipientUnknown, None), "{scheme} {value}");
    }
}

#[test]
fn in_no_time_more_is_allowed_than_meta_takes() {
    for (more, most) in [("", 80), ("messages_per_second: 1000", 1000), ("messages_per_second: 20", 20)] {
        let limits = endpoint(more).outbound().unwrap().limits();
        let [number, pair] = limits.as_slice() else { panic!("{limits:?}") };
        assert_eq!((number.scope, number.what), (Scope::Account, Counted::All));
        let filled = Duration::from_secs(1).as_nanos() / number.every.as_nanos();
        assert_eq!(u128::from(number.burst) + filled, most, "{more}");
        assert_eq!((pair.scope, pair.what), (Scope::Recipient, Counted::Messages));
        // Within the time of a burst one more comes back.
        assert_eq!((pair.burst + 1, pair.every), (45, Duration::from_secs(6)));
    }
}

#[test]
fn bounds_are_those_of_the_sheet_and_what_the_channel_lacks_is_not_listed() {
    let capabilities = endpoint("").outbound().unwrap().capabilities();
    let found = |feature: Feature| capabilities.features.iter().find(|c| c.feature() == feature);
    for feature in
        [Feature::Edit, Feature::Delete, Feature::Poll, Feature::Carousel, Feature::Gif, Feature::CommentReply]
    {
        assert!(found(feature).is_none(), "{feature:?}");
    }
    assert_eq!(found(Feature::Group).map(Capability::level), Some(SupportLevel::Conditional));
    assert_eq!(found(Feature::Typing).map(Capability::level), Some(SupportLevel::Partial));
    let bounds = |feature: Feature| {
        let found = found(feature).unwrap();
        (found.max_length, found.max_caption, found.max_items, found.max_title, found.max_bytes)
    };
    assert_eq!(bounds(Feature::Text), (4096, 0, 0, 0, 0));
    assert_eq!(bounds(Feature::Image), (0, 1024, 0, 0, 5_000_000));
    assert_eq!(bounds(Feature::Audio), (0, 0, 0, 0, 16_000_000));
    assert_eq!(bounds(Feature::Video), (0, 1024, 0, 0, 16_000_000));
    assert_eq!(bounds(Feature::File), (0, 1024, 0, 0, 100_000_000));
    assert_eq!(bounds(Feature::Card), (0, 0, 3, 20, 0));
    assert_eq!(bounds(Feature::List), (0, 1024, 10, 24, 0));
    assert!(found(Feature::Image).unwrap().mime_types.contains(&"image/png".to_owned()));
    assert!(!capabilities.repeatable);
}
