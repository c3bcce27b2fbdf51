//! Rules of reading a batch that no single golden shows.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashSet;

use connector_messenger::Messenger;
use connector_sdk::{Batch, Connector, Delivery, Malformed};
use http::HeaderMap;
use kenh_proto::v1::{Envelope, envelope::Payload};
use serde_json::{Value, json};

fn read(body: &[u8]) -> Result<Batch, Malformed> {
    Messenger::default().normalize(Delivery { headers: &HeaderMap::new(), body })
}

fn batch(entries: &Value) -> Batch {
    read(json!({"object": "page", "entry": entries}).to_string().as_bytes()).unwrap()
}

fn messaging(item: &Value) -> Envelope {
    let mut batch = batch(&json!([{"id": "1", "time": 1_772_532_000_000_u64, "messaging": [item]}]));
    assert_eq!(batch.events.len(), 1);
    batch.events.remove(0).envelope
}

fn message(mid: &str, text: &Value) -> Value {
    json!({"sender": {"id": "2"}, "recipient": {"id": "1"}, "timestamp": 1_772_532_000_000_u64,
        "message": {"mid": mid, "text": text}})
}

fn kinds(batch: &Batch) -> (usize, usize) {
    let unsupported = |event: &&connector_sdk::Event| matches!(event.envelope.payload, Some(Payload::Unsupported(_)));
    let untyped = batch.events.iter().filter(unsupported).count();
    (batch.events.len() - untyped, untyped)
}

#[test]
fn a_thousand_items_with_broken_ones_among_them_keep_all_neighbours() {
    let items: Vec<_> = (0..1000)
        .map(|n| match n % 10 {
            3 => message(&format!("m{n}"), &json!({"n": n})),
            7 => json!(format!("no item {n}")),
            _ => message(&format!("m{n}"), &json!(format!("text {n}"))),
        })
        .collect();
    let batch = batch(&json!([{"id": "1", "time": 1_772_532_000_000_u64, "messaging": items}]));
    assert_eq!(kinds(&batch), (800, 200));
    assert!(batch.skipped.is_empty());
    let keys: HashSet<_> = batch.events.iter().map(|event| &event.envelope.dedupe_key).collect();
    assert_eq!(keys.len(), 1000);
    let mids: Vec<_> = batch.events.iter().filter_map(|event| event.envelope.provider_message_id.clone()).collect();
    let expected: Vec<_> = (0..1000).filter(|n| !matches!(n % 10, 3 | 7)).map(|n| format!("m{n}")).collect();
    assert_eq!(mids, expected, "out of order");
}

#[test]
fn an_event_carries_the_bytes_of_its_own_item_as_sent() {
    let body = br#"{"object":"page","entry":[{"id":"1","messaging":[ {"message" : {"mid":"a","text":"\u00e9 \/"}} ,{"message":{"mid":"b","text":"c"}}]}]}"#;
    let batch = read(body).unwrap();
    assert_eq!(batch.events[0].raw, br#"{"message" : {"mid":"a","text":"\u00e9 \/"}}"#);
    assert_eq!(batch.events[1].raw, br#"{"message":{"mid":"b","text":"c"}}"#);
}

#[test]
fn an_unknown_kind_is_named_by_its_members_and_never_by_what_people_wrote() {
    let kind = |item: Value| match messaging(&item).payload {
        Some(Payload::Unsupported(unsupported)) => (unsupported.provider_type, unsupported.reason),
        other => panic!("{other:?}"),
    };
    let head = |members: Value| {
        let mut item = json!({"sender": {"id": "2"}, "recipient": {"id": "1"}, "timestamp": 1});
        item.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        item
    };
    let unknown = "unknown_event".to_owned();
    assert_eq!(kind(head(json!({"game_play": {}}))), (Some("game_play".into()), unknown.clone()));
    assert_eq!(kind(head(json!({"b": 1, "a": 2}))), (Some("a,b".into()), unknown.clone()));
    assert_eq!(kind(head(json!({"my words, all of them": 1}))), (None, unknown.clone()));
    assert_eq!(kind(head(json!({}))), (None, unknown));
}

#[test]
fn an_unsupported_event_says_where_and_never_what() {
    let mut batch =
        batch(&json!([{"id": "1", "messaging": [message("m", &json!("fine")), message("n", &json!(["my words"]))]}]));
    let Some(Payload::Unsupported(unsupported)) = batch.events.remove(1).envelope.payload else { panic!("typed") };
    let detail = unsupported.detail.unwrap();
    assert!(detail.starts_with("entry[0].messaging[1]: expected a string"), "{detail}");
    assert!(!detail.contains("words"));
}

#[test]
fn the_same_news_on_another_day_is_another_event() {
    let about = |time: u64| {
        let mut batch = batch(&json!([{"id": "1", "time": time, "changes": [{"field": "about"}]}]));
        batch.events.remove(0).envelope.dedupe_key
    };
    assert_eq!(about(1_772_532_000), about(1_772_532_000));
    assert_ne!(about(1_772_532_000), about(1_772_618_400));
}

#[test]
fn kinds_never_take_each_others_keys() {
    let time = 1_772_532_000_000_u64;
    let who = |members: Value| {
        let mut item = json!({"sender": {"id": "2"}, "recipient": {"id": "1"}, "timestamp": time});
        item.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        messaging(&item).dedupe_key
    };
    let keys = [
        who(json!({"message": {"mid": "m", "text": "a"}})),
        who(json!({"message": {"mid": "m", "is_deleted": true}})),
        who(json!({"message_edit": {"mid": "m", "num_edit": 1}})),
        who(json!({"message_edit": {"mid": "m", "num_edit": 2}})),
        who(json!({"reaction": {"mid": "m", "action": "react"}})),
        who(json!({"reaction": {"mid": "m", "action": "unreact"}})),
        who(json!({"postback": {"mid": "m"}})),
        who(json!({"postback": {"payload": "a"}})),
        who(json!({"postback": {"payload": "b"}})),
        who(json!({"read": {"watermark": time}})),
        who(json!({"delivery": {"watermark": time}})),
        who(json!({"delivery": {"watermark": time, "mids": ["m"]}})),
        who(json!({"optin": {"ref": "a"}})),
        who(json!({"optin": {"type": "one_time_notif_req", "payload": "a"}})),
        who(json!({"optin": {"type": "notification_messages", "payload": "a"}})),
        who(json!({"optin": {"type": "notification_messages", "payload": "b"}})),
        who(json!({"referral": {"ref": "a"}})),
        who(json!({"referral": {"ref": "b"}})),
        who(json!({"account_linking": {"status": "linked"}})),
        who(json!({"response_feedback": {"mid": "m"}})),
        who(json!({"pass_thread_control": {}})),
        who(json!({"take_thread_control": {}})),
        who(json!({"request_thread_control": {}})),
        who(json!({"app_roles": {}})),
        who(json!({"policy_enforcement": {"action": "block"}})),
    ];
    assert_eq!(keys.iter().collect::<HashSet<_>>().len(), keys.len(), "{keys:#?}");
}

#[test]
fn the_window_opens_with_what_people_do_and_with_nothing_else() {
    let time = 1_772_532_000_000_u64;
    let opened = |members: Value| {
        let mut item = json!({"sender": {"id": "2"}, "recipient": {"id": "1"}, "timestamp": time});
        item.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        let policy = messaging(&item).reply_policy?;
        let after = |until: Option<prost_types::Timestamp>| until.map(|until| until.seconds - 1_772_532_000);
        Some((after(policy.open_until), after(policy.human_agent_until)))
    };
    let window = Some((Some(24 * 3600), Some(7 * 24 * 3600)));
    for opens in [
        json!({"message": {"mid": "m", "text": "a"}}),
        json!({"message": {"mid": "m", "is_unsupported": true}}),
        json!({"postback": {"payload": "a"}}),
        json!({"reaction": {"mid": "m", "action": "react"}}),
        json!({"referral": {"ref": "a", "source": "SHORTLINK"}}),
        json!({"referral": {"ad_id": "1", "source": "ADS"}}),
    ] {
        assert_eq!(opened(opens.clone()), window, "{opens}");
    }
    for does_not in [
        json!({"sender": {"id": "1"}, "recipient": {"id": "2"}, "message": {"mid": "m", "text": "a", "is_echo": true}}),
        json!({"reaction": {"mid": "m", "action": "unreact"}}),
        json!({"read": {"watermark": time}}),
        json!({"delivery": {"watermark": time}}),
        json!({"optin": {"ref": "a"}}),
        json!({"account_linking": {"status": "linked"}}),
        json!({"take_thread_control": {}}),
    ] {
        assert_eq!(opened(does_not.clone()), None, "{does_not}");
    }
}

#[test]
fn hiding_again_is_news_and_the_same_edit_again_is_none() {
    let key = |verb: &str, time: u64, text: &str| {
        let value = json!({"item": "comment", "verb": verb, "post_id": "1_2", "comment_id": "2_3", "parent_id": "1_2",
            "message": text, "created_time": 1_772_532_000});
        let mut batch = batch(&json!([{"id": "1", "time": time, "changes": [{"field": "feed", "value": value}]}]));
        batch.events.remove(0).envelope.dedupe_key
    };
    assert_ne!(key("hide", 1_772_532_100, "a"), key("hide", 1_772_532_200, "a"));
    assert_eq!(key("edited", 1_772_532_100, "a"), key("edited", 1_772_532_200, "a"));
    assert_ne!(key("edited", 1_772_532_100, "a"), key("edited", 1_772_532_100, "b"));
}

#[test]
fn empty_members_are_as_good_as_absent() {
    let item = json!({"sender": {"id": ""}, "recipient": {"id": "1"}, "timestamp": 1_772_532_000_000_u64,
        "message": {"mid": "", "text": "", "attachments": [], "quick_reply": {"payload": ""}}});
    let envelope = messaging(&item);
    assert!(envelope.contact.is_none() && envelope.conversation.is_none() && envelope.provider_message_id.is_none());
    assert!(matches!(envelope.payload, Some(Payload::Unsupported(_))));
}

#[test]
fn a_body_without_items_is_malformed_and_says_nothing_of_its_content() {
    for (body, reason) in [
        (&b""[..], "invalid_json"),
        (b"my words", "invalid_json"),
        (b"\"my words\"", "unexpected_shape"),
        (b"[\"page\",[]]", "unexpected_shape"),
        (b"{\"object\":\"page\"}", "unexpected_shape"),
        (b"{\"object\":\"page\",\"entry\":\"my words\"}", "unexpected_shape"),
        (b"{\"object\":7,\"entry\":[]}", "unexpected_shape"),
        (b"{\"object\":\"page\",\"entry\":[{}", "invalid_json"),
    ] {
        let error = read(body).unwrap_err();
        assert_eq!(error.reason, reason, "{}", String::from_utf8_lossy(body));
        assert!(!error.to_string().contains("words"), "{error}");
    }
}
