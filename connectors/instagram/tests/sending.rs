//! Settings of sending, and rules that no single golden shows.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::time::Duration;

use common::{SHOP, call, configured, ended, endpoint, hello, person, reply, step};
use connector_instagram::Instagram;
use connector_sdk::{
    Connector,
    outbound::{Accepted, Counted, Failure, Outcome, To, Window},
};
use kenh_proto::v1::{
    Capability, Delete, Feature, LengthUnit, SendReason, SupportLevel, delete, outbound_action::What,
};
use serde_json::json;

fn address(more: &str) -> String {
    call(step(&*endpoint(more), &hello(), &person(), Window::Open, &[])).url
}

#[test]
fn without_an_account_it_only_receives() {
    let (receiving, faults) = configured("");
    assert!(receiving.outbound().is_none() && faults.is_empty(), "{faults:?}");
    assert!(Instagram::default().outbound().is_none());
    assert_eq!(endpoint("").outbound().unwrap().accounts().only(), Some(SHOP));
}

#[test]
fn each_login_has_its_api_its_name_for_the_account_and_its_proof() {
    let proof = "4af689eb882219fd053ad7bbb5ef4f24c7e22be9f35806cf33e589f7e4b52ee0";
    let own = format!("https://graph.instagram.com/v25.0/{SHOP}/messages");
    assert_eq!(address(""), own);
    assert_eq!(address("login: instagram\nappsecret_proof: true"), format!("{own}?appsecret_proof={proof}"));
    let linked = "https://graph.facebook.com/v25.0/me/messages";
    assert_eq!(address("login: facebook"), format!("{linked}?appsecret_proof={proof}"));
    assert_eq!(address("login: facebook\nappsecret_proof: false"), linked);
    let elsewhere = "api_url: http://127.0.0.1:8080/graph/\napi_version: v21.0";
    assert_eq!(address(elsewhere), format!("http://127.0.0.1:8080/graph/v21.0/{SHOP}/messages"));
}

#[test]
fn settings_that_cannot_be_right_are_named() {
    let account = format!("accounts:\n  \"{SHOP}\":\n    token: t\n");
    for (wrong, named) in [
        (format!("{account}login: google"), "login"),
        (format!("{account}api_url: instagram"), "api_url"),
        ("accounts:\n  example.shop:\n    token: t".to_owned(), "accounts"),
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
    let taken = reply(200, &json!({"recipient_id": "5512344321", "message_id": "aWdf1"}));
    let outcome = ended(step(&*endpoint(""), &hello(), &person(), Window::Closed, &[taken]));
    assert_eq!(outcome, Outcome::Accepted(Accepted::id("aWdf1")), "what was taken stays taken");
}

#[test]
fn nothing_but_an_id_gets_into_an_address() {
    let id = "../me/feed?message={token}#";
    let what = What::Delete(Delete { what: Some(delete::What::ProviderCommentId(id.into())) });
    let url = call(step(&*endpoint(""), &what, &To::Account, Window::Open, &[])).url;
    assert_eq!(url, "https://graph.instagram.com/v25.0/___me_feed_message__token__");
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
    let found = |feature: Feature| capabilities.features.iter().find(|c| c.feature() == feature);
    for feature in [Feature::React, Feature::Sticker, Feature::Quote, Feature::CommentHide, Feature::File] {
        assert_eq!(found(feature).map(Capability::level), Some(SupportLevel::Conditional), "{feature:?}");
    }
    for feature in [Feature::Edit, Feature::Delete, Feature::Template, Feature::DeliveryReceipts, Feature::Group] {
        assert!(found(feature).is_none(), "{feature:?}");
    }
    let text = found(Feature::Text).unwrap();
    assert_eq!((text.max_length, text.length_unit()), (1000, LengthUnit::Bytes));
    assert_eq!(found(Feature::Image).unwrap().max_bytes, 8_000_000);
    assert_eq!(found(Feature::Video).unwrap().max_bytes, 25_000_000);
    assert_eq!(found(Feature::Choices).unwrap().max_items, 13);
}
