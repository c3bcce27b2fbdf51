//! Rules of reading a batch that no single golden shows.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
};

use connector_instagram::{CONNECTOR, Instagram};
use connector_sdk::{Batch, Connector, Delivery, Event, json, place};
use http::HeaderMap;
use kenh_proto::v1::{Envelope, Unsupported, envelope::Payload};
use serde_json::{Value, json};

fn read(body: &[u8]) -> Batch {
    Instagram::default().normalize(Delivery { headers: &HeaderMap::new(), body }).unwrap()
}

/// Every fixture, the odd ones too.
fn fixtures() -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let files = [folder.clone(), folder.join("odd")].into_iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    let json = files.map(|file| file.unwrap().path()).filter(|path| path.extension().is_some_and(|end| end == "json"));
    json.map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

fn one(entry: &Value) -> Envelope {
    let mut events = read(json!({"object": "instagram", "entry": [entry]}).to_string().as_bytes()).events;
    assert_eq!(events.len(), 1);
    events.remove(0).envelope
}

fn change(field: &str, value: &Value, time: u64) -> Envelope {
    one(&json!({"id": "1", "time": time, "changes": [{"field": field, "value": value}]}))
}

fn messaging(members: &Value) -> Envelope {
    let mut item = json!({"sender": {"id": "2"}, "recipient": {"id": "1"}, "timestamp": 1_772_532_000_000_u64});
    item.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    one(&json!({"id": "1", "time": 1_772_532_000_000_u64, "messaging": [item]}))
}

fn unsupported(event: &Event) -> Unsupported {
    match &event.envelope.payload {
        Some(Payload::Unsupported(unsupported)) => unsupported.clone(),
        _ => Unsupported::default(),
    }
}

/// Where an item stands in a body.
fn place_in(body: &[u8], raw: &[u8]) -> String {
    let read = |bytes| json::parse::<Value>(bytes).unwrap().value;
    let (body, raw) = (read(body), read(raw));
    let holds = |list: &&str| {
        let mut entries = body.get("entry").and_then(Value::as_array).into_iter().flatten();
        entries.any(|entry| entry.get(list).and_then(Value::as_array).is_some_and(|items| items.contains(&raw)))
    };
    // A change that stands in the entry itself is in none of them.
    let list = ["messaging", "standby", "changes"].into_iter().find(holds).unwrap_or("changes");
    format!("entry[0].{list}[0]")
}

#[test]
fn an_item_put_back_into_a_body_is_the_same_event_again() {
    for (path, body) in fixtures() {
        let Ok(batch) = Instagram::default().normalize(Delivery { headers: &HeaderMap::new(), body: &body }) else {
            continue;
        };
        for event in batch.events.iter().filter(|event| event.raw.starts_with(b"{")) {
            // What is known by now was parked when it was not.
            let place = place(&event.envelope).map_or_else(|| place_in(&body, &event.raw), Into::into);
            let parked = Unsupported { place: Some(place), ..unsupported(event) };
            let parked = Envelope { payload: Some(Payload::Unsupported(parked)), ..event.envelope.clone() };
            let whole = Instagram::default().whole(&event.raw, &parked);
            let mut again = read(&whole).events;
            assert_eq!(again.len(), 1, "{path:?}");
            let again = again.remove(0);
            let named = |event: &Event| {
                let envelope = event.envelope.clone();
                let kind = envelope.kind();
                (
                    kind,
                    envelope.account,
                    envelope.contact,
                    envelope.conversation,
                    envelope.direction,
                    envelope.reply_policy,
                )
            };
            assert_eq!(named(&again), named(event), "{path:?}");
            // Bytes that stand for a time in the key, and places in the batch, are the only things that may differ.
            if !matches!(event.envelope.payload, Some(Payload::Unsupported(_)))
                && !path.to_string_lossy().contains("odd")
            {
                assert_eq!(again.envelope, event.envelope, "{path:?}");
            }
        }
    }
}

#[test]
fn a_read_receipt_names_one_message_and_no_moment() {
    let Some(Payload::Receipt(receipt)) = messaging(&json!({"read": {"mid": "m"}})).payload else { panic!("typed") };
    assert_eq!((receipt.provider_message_ids.as_slice(), receipt.watermark), (&["m".to_owned()][..], None));
    let empty = messaging(&json!({"read": {}})).payload;
    assert!(matches!(empty, Some(Payload::Unsupported(_))), "a receipt of nothing");
}

#[test]
fn a_window_opens_for_a_day_and_for_people_a_week() {
    let envelope = messaging(&json!({"message": {"mid": "m", "text": "hello"}}));
    let (policy, at) = (envelope.reply_policy.unwrap(), envelope.occurred_at.unwrap().seconds);
    assert_eq!(policy.open_until.unwrap().seconds - at, 24 * 3600);
    assert_eq!(policy.human_agent_until.unwrap().seconds - at, 7 * 24 * 3600);
    let gone = messaging(&json!({"message": {"mid": "m", "is_deleted": true}}));
    assert!(gone.reply_policy.is_none() && matches!(gone.payload, Some(Payload::MessageDeleted(_))));
}

#[test]
fn a_comment_told_twice_is_one_and_a_changed_one_is_news() {
    let comment = |text: &str, time| change("comments", &json!({"id": "7", "text": text}), time).dedupe_key;
    assert_eq!(comment("a", 1_772_532_000), comment("a", 1_772_618_400));
    assert_ne!(comment("a", 1_772_532_000), comment("b", 1_772_532_000));
    let keys = [
        comment("", 1),
        change("live_comments", &json!({"id": "7"}), 1).dedupe_key,
        change("mentions", &json!({"media_id": "7"}), 1).dedupe_key,
        change("mentions", &json!({"comment_id": "7"}), 1).dedupe_key,
        messaging(&json!({"message": {"mid": "7", "text": "a"}})).dedupe_key,
        messaging(&json!({"message": {"mid": "7", "is_deleted": true}})).dedupe_key,
        messaging(&json!({"message_edit": {"mid": "7", "num_edit": 1}})).dedupe_key,
        messaging(&json!({"read": {"mid": "7"}})).dedupe_key,
        messaging(&json!({"postback": {"mid": "7"}})).dedupe_key,
    ];
    assert_eq!(keys.iter().collect::<HashSet<_>>().len(), keys.len(), "{keys:#?}");
}

#[test]
fn the_account_writing_to_itself_makes_no_contact_of_it() {
    let item = json!({"sender": {"id": "1"}, "recipient": {"id": "1"}, "timestamp": 1_772_532_000_000_u64,
        "message": {"mid": "m", "text": "note", "is_self": true}});
    let envelope = one(&json!({"id": "1", "messaging": [item]}));
    assert!(envelope.contact.is_none() && envelope.reply_policy.is_none());
}

#[test]
fn a_fault_never_repeats_what_was_written() {
    let body = CONNECTOR.sample("comment").unwrap().body.replace("\"Size M?\"", "[\"secret words\"]");
    let event = read(body.as_bytes()).events.remove(0);
    let Some(Payload::Unsupported(unsupported)) = &event.envelope.payload else { panic!("unsupported") };
    assert!(!format!("{unsupported:?}").contains("secret") && !format!("{event:?}").contains("secret"));
    assert!(unsupported.detail.as_ref().unwrap().starts_with("entry[0].changes[0].value: expected a string"));
}
