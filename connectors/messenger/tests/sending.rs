//! Settings of sending, and rules that no single golden shows.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::time::Duration;

use common::{PAGE, call, configured, ended, endpoint, hello, person, reply, step};
use connector_messenger::Messenger;
use connector_sdk::{
    Connector,
    outbound::{Accepted, Counted, Failure, Outcome, To, Window},
};
use kenh_proto::v1::{Capability, Delete, Feature, SendReason, SupportLevel, delete, outbound_action::What};
use serde_json::json;

fn address(more: &str) -> String {
    call(step(&*endpoint(more), &hello(), &person(), Window::Open, &[])).url
}

#[test]
fn without_a_page_it_only_receives() {
    let (receiving, faults) = configured("");
    assert!(receiving.outbound().is_none() && faults.is_empty(), "{faults:?}");
    assert!(Messenger::default().outbound().is_none());
    assert_eq!(endpoint("").outbound().unwrap().accounts().only(), Some(PAGE));
}

#[test]
fn calls_prove_the_app_secret_by_metas_own_vector_unless_told_not_to() {
    let proof = "4af689eb882219fd053ad7bbb5ef4f24c7e22be9f35806cf33e589f7e4b52ee0";
    let plain = format!("https://graph.facebook.com/v25.0/{PAGE}/messages");
    assert_eq!(address(""), format!("{plain}?appsecret_proof={proof}"));
    assert_eq!(address("appsecret_proof: false"), plain);
}

#[test]
fn the_api_may_be_elsewhere() {
    let elsewhere = "appsecret_proof: false\napi_url: http://127.0.0.1:8080/graph/\napi_version: v21.0";
    assert_eq!(address(elsewhere), format!("http://127.0.0.1:8080/graph/v21.0/{PAGE}/messages"));
}

#[test]
fn settings_that_cannot_be_right_are_named() {
    let page = "accounts:\n  \"7\":\n    token: t\n";
    for (wrong, named) in [
        (format!("{page}api_url: graph.facebook.com"), "api_url"),
        (format!("{page}api_url: https://a.example.test/{{token}}"), "api_url"),
        (format!("{page}api_version: 25"), "api_version"),
        (format!("{page}api_version: v25.0/me"), "api_version"),
        (format!("{page}appsecret_proof: maybe"), "appsecret_proof"),
        ("accounts:\n  my-page:\n    token: t".to_owned(), "accounts"),
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
}

#[test]
fn what_meta_took_stays_taken_when_the_window_closes_before_its_answer_is_read() {
    let taken = reply(200, &json!({"recipient_id": "7130004455667788", "message_id": "m_1"}));
    let outcome = ended(step(&*endpoint(""), &hello(), &person(), Window::Closed, &[taken]));
    assert_eq!(outcome, Outcome::Accepted(Accepted::id("m_1")));
}

#[test]
fn nothing_but_an_id_gets_into_an_address() {
    let id = "../me/feed?message={token}#";
    let what = What::Delete(Delete { what: Some(delete::What::ProviderCommentId(id.into())) });
    let url = call(step(&*endpoint("appsecret_proof: false"), &what, &To::Account, Window::Open, &[])).url;
    assert_eq!(url, "https://graph.facebook.com/v25.0/___me_feed_message__token__");
}

#[test]
fn in_no_time_more_is_allowed_than_meta_takes() {
    let allowed = [
        (Counted::All, Duration::from_secs(1), 300),
        (Counted::AudioVideo, Duration::from_secs(1), 10),
        (Counted::PrivateReplies, Duration::from_secs(3600), 750),
    ];
    let limits = endpoint("").outbound().unwrap().limits();
    assert_eq!(limits.len(), allowed.len());
    for (limit, (what, time, most)) in limits.iter().zip(allowed) {
        let filled = time.as_millis() / limit.every.as_millis();
        assert_eq!((limit.what, u128::from(limit.burst) + filled), (what, most));
    }
}

#[test]
fn what_is_not_confirmed_is_said_to_be_and_what_the_channel_lacks_is_not_listed() {
    let capabilities = endpoint("").outbound().unwrap().capabilities();
    let level = |feature: Feature| capabilities.features.iter().find(|c| c.feature() == feature).map(Capability::level);
    for feature in [Feature::Template, Feature::React, Feature::CommentDelete, Feature::RequestContact] {
        assert_eq!(level(feature), Some(SupportLevel::Conditional), "{feature:?}");
    }
    for feature in [Feature::Edit, Feature::Delete, Feature::Group, Feature::List, Feature::Poll, Feature::Location] {
        assert_eq!(level(feature), None, "{feature:?}");
    }
    let bounds = |feature: Feature| {
        let found = capabilities.features.iter().find(|c| c.feature() == feature).unwrap();
        (found.max_length, found.max_items, found.max_title, found.max_bytes)
    };
    assert_eq!(bounds(Feature::Text), (1994, 0, 0, 0));
    assert_eq!(bounds(Feature::Choices), (0, 13, 20, 0));
    assert_eq!(bounds(Feature::Card), (0, 3, 20, 0));
    assert_eq!(bounds(Feature::Carousel), (0, 10, 20, 0));
    assert_eq!(bounds(Feature::Image), (0, 0, 0, 8_000_000));
    assert_eq!(bounds(Feature::Video), (0, 0, 0, 25_000_000));
    assert!(!capabilities.repeatable);
}
