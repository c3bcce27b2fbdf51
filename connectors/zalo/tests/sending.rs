//! Rules of sending that a golden does not make obvious: settings, bounds, proofs.

#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

#[cfg(test)]
mod common;

use std::{collections::BTreeMap, time::SystemTime};

use common::configured;
use connector_sdk::{
    Connector, Secret,
    outbound::{Body, Call, Order, Planned, Refusal, Scope, Sending, Step, To, Window},
};
use kenh_proto::v1::{
    Choices, Feature, Media, MediaKind, Message, Part, SendPurpose, SendReason, SenderRole, SupportLevel, Text,
    outbound_action::What, part::Content,
};

const OA: &str = "7770001112223334445";

/// An endpoint that sends, with more settings.
fn endpoint(more: &str) -> Box<dyn Connector> {
    let base = "app_id: '1000000000000000001'\noa_secret_keys: s\napp_secret: appSecretForTests01\n";
    configured(&format!("{base}accounts: {{'{OA}': {{token: t, refresh_token: r}}}}\n{more}")).unwrap()
}

fn faults(yaml: &str) -> Vec<String> {
    let yaml = format!("app_id: '1'\noa_secret_keys: s\n{yaml}");
    configured(&yaml).unwrap_err().into_iter().map(|fault| fault.path).collect()
}

fn message(text: &str, contents: Vec<Content>) -> What {
    let parts = contents.into_iter().map(|content| Part { content: Some(content) }).collect();
    let text = (!text.is_empty()).then(|| Text { body: text.into(), ..Text::default() });
    What::Message(Message { text, parts, ..Message::default() })
}

fn user() -> To {
    To::Contact { scheme: "zalo_uid".into(), value: "5550001112223334445".into() }
}

fn planned(endpoint: &dyn Connector, what: &What, strict: bool) -> Result<Planned, Refusal> {
    let (role, purpose, now) = (SenderRole::Bot, SendPurpose::Reply, SystemTime::UNIX_EPOCH);
    let (to, options, conversation) = (&user(), &BTreeMap::new(), None);
    endpoint.outbound().unwrap().plan(&Order {
        what,
        to,
        role,
        purpose,
        window: Window::Unknown,
        strict,
        options,
        conversation,
        answered: None,
        now,
    })
}

/// The first call of a piece, with this token.
fn call(endpoint: &dyn Connector, what: &What, to: &To, token: &str) -> Call {
    let sending = Sending {
        window: Window::Unknown,
        what,
        to,
        account: OA,
        role: SenderRole::Bot,
        purpose: SendPurpose::Reply,
        options: &BTreeMap::new(),
        conversation: None,
        answered: None,
        reference: "0190c0de-0000-7000-8000-000000000001.0",
        piece: (0, 1),
        reply_token: None,
        reply_address: None,
        token: &Secret::from(token),
        now: SystemTime::UNIX_EPOCH,
    };
    let Step::Call(call) = endpoint.outbound().unwrap().step(&sending, &[]) else { panic!("a call") };
    call
}

#[test]
fn without_accounts_it_only_receives() {
    let only_receives = configured("app_id: '1'\noa_secret_keys: s\napp_secret: a").unwrap();
    assert!(only_receives.outbound().is_none());
    let accounts = endpoint("");
    assert_eq!(accounts.outbound().unwrap().accounts().only(), Some(OA));
}

#[test]
fn settings_of_sending_name_what_is_wrong_with_them() {
    let account = "accounts: {'7': {token: t}}\n";
    assert_eq!(faults("accounts: {'7': {token: t, refresh_token: r}}"), ["zalo.app_secret"]);
    assert_eq!(faults(&format!("{account}appsecret_proof: true")), ["zalo.appsecret_proof"]);
    assert_eq!(faults("accounts: {'7': {name: n}}"), ["zalo.accounts.7.token"]);
    for url in
        ["http://zalo.example.test", "openapi.zalo.me", "https://a@zalo.example.test", "https://z.example.test?a"]
    {
        for key in ["api_url", "business_url", "oauth_url"] {
            assert_eq!(faults(&format!("{account}{key}: '{url}'")), [format!("zalo.{key}")], "{url}");
        }
    }
    assert_eq!(faults(&format!("{account}requests_per_minute: 0")), ["zalo.requests_per_minute"]);
}

#[test]
fn the_apis_can_be_elsewhere() {
    let here = endpoint("api_url: http://127.0.0.1:8080/oa/\nbusiness_url: http://localhost:8081");
    let text = message("Dạ", vec![]);
    assert_eq!(call(&*here, &text, &user(), "t").url, "http://127.0.0.1:8080/oa/v3.0/oa/message/cs");
    let phone = To::Contact { scheme: "phone".into(), value: "0912345678".into() };
    let template = message("", vec![Content::Template(kenh_proto::v1::Template::default())]);
    assert_eq!(call(&*here, &template, &phone, "t").url, "http://localhost:8081/message/template");
}

#[test]
fn possession_of_the_token_is_proven_where_asked_for() {
    let headers = |more: &str, token: &str| call(&*endpoint(more), &message("Dạ", vec![]), &user(), token).headers;
    let token = ("access_token", "{token}".to_owned());
    let proof = "ea7547559448dad5efcb4e5d72bf651561b7158dc21ca564b4f28f235de37e38".to_owned();
    let proven = headers("appsecret_proof: true", "accessTokenForTests01");
    assert_eq!(proven, [token.clone(), ("appsecret_proof", proof)]);
    assert_ne!(headers("appsecret_proof: true", "accessTokenForTests02"), proven);
    assert_eq!(headers("", "accessTokenForTests01"), [token]);
}

#[test]
fn never_more_requests_a_minute_than_allowed() {
    let limits = endpoint("requests_per_minute: 4000\naccount_requests_per_minute: 7").outbound().unwrap().limits();
    assert_eq!(limits.iter().map(|limit| limit.scope).collect::<Vec<_>>(), [Scope::Endpoint, Scope::Account]);
    for (limit, allowed) in limits.iter().zip([4000, 7]) {
        let within = u128::from(limit.burst) + 60_000_000_000 / limit.every.as_nanos();
        assert!(within <= allowed && within + 1 >= allowed, "{within} of {allowed}");
    }
    assert_eq!(endpoint("").outbound().unwrap().limits().len(), 1);
}

#[test]
fn rows_and_buttons_are_text_where_they_are_switched_off() {
    let choice = kenh_proto::v1::Button { title: "M".into(), ..kenh_proto::v1::Button::default() };
    let what = message("Cỡ nào?", vec![Content::Choices(Choices { choices: vec![choice] })]);
    let off = endpoint("cards_and_buttons: false");
    let What::Message(piece) = planned(&*off, &what, false).unwrap().pieces.remove(0) else { panic!("a message") };
    assert_eq!((piece.text.unwrap().body.as_str(), piece.parts.len()), ("Cỡ nào?\n1. M", 0));
    let level = |endpoint: &dyn Connector| {
        let can = endpoint.outbound().unwrap().capabilities().features;
        can.into_iter().find(|can| can.feature() == Feature::Choices).map(|can| can.level())
    };
    assert_eq!((level(&*off), level(&*endpoint(""))), (None, Some(SupportLevel::Conditional)));
}

#[test]
fn a_test_endpoint_sends_templates_to_administrators_only() {
    let phone = To::Contact { scheme: "phone".into(), value: "84912345678".into() };
    let template = message("", vec![Content::Template(kenh_proto::v1::Template::default())]);
    let mode = |more: &str| {
        let Body::Json(body) = call(&*endpoint(more), &template, &phone, "t").body else { panic!("JSON") };
        body.get("mode").cloned()
    };
    assert_eq!((mode("zns_development: true"), mode("")), (Some("development".into()), None));
}

#[test]
fn a_picture_a_byte_too_large_is_refused() {
    let picture = |size: usize| {
        let mut content = vec![0; size];
        content[..3].copy_from_slice(b"\xff\xd8\xff");
        let kind = MediaKind::Image.into();
        message("", vec![Content::Media(Media { kind, content: Some(content), ..Media::default() })])
    };
    assert!(planned(&*endpoint(""), &picture(1 << 20), true).is_ok());
    let refusal = planned(&*endpoint(""), &picture((1 << 20) + 1), false).unwrap_err();
    assert_eq!(refusal.reason, SendReason::ContentTooLarge);
}
