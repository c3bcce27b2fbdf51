//! Rules of reading a batch that no single golden shows.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
};

use connector_sdk::{Batch, Connector, Delivery, Event};
use connector_whatsapp::{CONNECTOR, WhatsApp};
use http::HeaderMap;
use kenh_proto::v1::{Envelope, envelope::Payload};
use serde_json::{Value, json};

fn read(body: &[u8]) -> Batch {
    WhatsApp::default().normalize(Delivery { headers: &HeaderMap::new(), body }).unwrap()
}

/// Every fixture, the odd ones too.
fn fixtures() -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let files = [folder.clone(), folder.join("odd")].into_iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    let json = files.map(|file| file.unwrap().path()).filter(|path| path.extension().is_some_and(|end| end == "json"));
    json.map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

fn change(field: &str, mut value: Value, time: u64) -> Vec<Event> {
    value["metadata"] = json!({"phone_number_id": "40001", "display_phone_number": "15550100000"});
    let entry = json!({"id": "30001", "time": time, "changes": [{"field": field, "value": value}]});
    read(json!({"object": "whatsapp_business_account", "entry": [entry]}).to_string().as_bytes()).events
}

fn message(mut members: Value) -> Envelope {
    members["timestamp"] = json!("1767226000");
    change("messages", json!({"messages": [members]}), 1_767_226_000).remove(0).envelope
}

#[test]
fn what_could_not_be_typed_is_read_again_with_number_and_person() {
    let mut count = 0;
    for (path, body) in fixtures() {
        let Ok(batch) = WhatsApp::default().normalize(Delivery { headers: &HeaderMap::new(), body: &body }) else {
            continue;
        };
        let untyped = |event: &&Event| matches!(event.envelope.payload, Some(Payload::Unsupported(_)));
        for event in batch.events.iter().filter(untyped).filter(|event| event.raw.starts_with(b"{")) {
            count += 1;
            let whole = WhatsApp::default().whole(&event.raw, &event.envelope);
            let mut again = read(&whole).events;
            assert_eq!(again.len(), 1, "{path:?} {}", String::from_utf8_lossy(&whole));
            let again = again.remove(0);
            let Some(Payload::Unsupported(unsupported)) = &again.envelope.payload else { panic!("{path:?}") };
            let Some(Payload::Unsupported(before)) = &event.envelope.payload else { panic!("{path:?}") };
            assert_eq!((&unsupported.provider_type, &unsupported.reason), (&before.provider_type, &before.reason));
            let named = |envelope: &Envelope| {
                let identities = envelope.contact.clone().map(|contact| contact.identities).unwrap_or_default();
                let ids = identities.into_iter().filter(|identity| identity.scheme != "whatsapp_username");
                (envelope.account.clone(), ids.collect::<Vec<_>>(), envelope.conversation.clone(), envelope.direction)
            };
            assert_eq!(named(&again.envelope), named(&event.envelope), "{path:?}");
            assert_eq!(again.raw, event.raw, "{path:?}");
        }
    }
    assert!(count > 40, "{count}");
}

#[test]
fn a_message_of_a_type_known_by_now_is_the_message_it_was() {
    let sent = json!({"from": "84901234567", "from_user_id": "VN.1", "id": "wamid.1", "timestamp": "1767226000",
        "type": "hologram", "text": {"body": "hello"}});
    let contacts = json!([{"profile": {"name": "Ana K"}, "wa_id": "84901234567", "user_id": "VN.1"}]);
    let value = |sent: &Value| json!({"contacts": contacts, "messages": [sent]});
    let parked = change("messages", value(&sent), 1_767_226_000).remove(0);
    let known: Vec<_> = String::from_utf8(parked.raw).unwrap().replace("hologram", "text").into_bytes();
    let again = read(&WhatsApp::default().whole(&known, &parked.envelope)).events.remove(0).envelope;
    let mut sent = sent;
    sent["type"] = json!("text");
    assert_eq!(again, change("messages", value(&sent), 1_767_226_000).remove(0).envelope);
    assert_ne!(again.dedupe_key, parked.envelope.dedupe_key, "the parked event would take its place");
}

#[test]
fn an_old_message_of_the_business_stays_one_when_it_is_read_again() {
    let thread = json!({"id": "84901234567", "messages": [{"from": "15550100000", "id": "wamid.1", "type": "hologram",
        "timestamp": "1767226000"}]});
    let parked = change("history", json!({"history": [{"threads": [thread]}]}), 1_767_226_000).remove(0);
    let again = read(&WhatsApp::default().whole(&parked.raw, &parked.envelope)).events.remove(0);
    assert_eq!(again.envelope, parked.envelope);
}

#[test]
fn whoever_has_an_id_is_known_by_it_and_by_the_number_beside_it() {
    let identities = |envelope: Envelope| {
        let identities = envelope.contact.unwrap().identities.into_iter();
        identities.map(|identity| (identity.scheme, identity.value, identity.scope)).collect::<Vec<_>>()
    };
    let id = |value: &str| ("whatsapp_user_id".to_owned(), value.to_owned(), Some("30001".to_owned()));
    let number = |value: &str| ("wa_id".to_owned(), value.to_owned(), None);
    let both = message(json!({"from": "84901234567", "from_user_id": "VN.1", "id": "m", "type": "text"}));
    assert_eq!(both.conversation.as_ref().unwrap().external_id, "VN.1");
    assert_eq!(identities(both), [id("VN.1"), number("84901234567")]);
    let misplaced = message(json!({"from": "VN.1", "id": "m", "type": "text"}));
    assert_eq!(identities(misplaced), [id("VN.1")]);
    let old = message(json!({"from": "84901234567", "id": "m", "type": "text"}));
    assert_eq!(identities(old), [number("84901234567")]);
}

#[test]
fn a_status_is_one_for_each_state_and_member_of_a_group() {
    let status = |members: Value| {
        let mut status = json!({"id": "wamid.1", "timestamp": "1767226000"});
        status.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        change("messages", json!({"statuses": [status]}), 1_767_226_000).remove(0).envelope.dedupe_key
    };
    let group = |who: &str| {
        status(
            json!({"status": "read", "recipient_type": "group", "recipient_id": "g", "recipient_participant_id": who}),
        )
    };
    let keys = [
        status(json!({"status": "sent", "recipient_id": "8490"})),
        status(json!({"status": "delivered", "recipient_id": "8490"})),
        status(json!({"status": "read", "recipient_id": "8490"})),
        status(json!({"status": "played", "recipient_id": "8490"})),
        status(json!({"status": "failed", "recipient_id": "8490"})),
        group("1"),
        group("2"),
        message(json!({"from": "8490", "id": "wamid.1", "type": "text", "text": {"body": "a"}})).dedupe_key,
        message(json!({"from": "8490", "id": "wamid.1", "type": "reaction", "reaction": {"message_id": "x"}}))
            .dedupe_key,
    ];
    assert_eq!(keys.iter().collect::<HashSet<_>>().len(), keys.len(), "{keys:#?}");
    let user_id_later = status(json!({"status": "read", "recipient_id": "8490", "recipient_user_id": "VN.1"}));
    assert_eq!(user_id_later, status(json!({"status": "read", "recipient_id": "8490"})), "a redelivery may name more");
}

#[test]
fn the_same_trouble_on_another_day_is_another_event() {
    let key = |time| change("messages", json!({"errors": [{"code": 130_429}]}), time).remove(0).envelope.dedupe_key;
    assert_eq!(key(1_767_226_000), key(1_767_226_000));
    assert_ne!(key(1_767_226_000), key(1_767_312_400));
}

#[test]
fn a_window_opens_for_a_day_when_a_person_writes() {
    let envelope = message(json!({"from": "8490", "id": "m", "type": "text", "text": {"body": "a"}}));
    let (policy, at) = (envelope.reply_policy.unwrap(), envelope.occurred_at.unwrap().seconds);
    assert_eq!(policy.open_until.unwrap().seconds - at, 24 * 3600);
    assert!(policy.human_agent_until.is_none());
    let echo = json!({"message_echoes": [{"from": "15550100000", "to": "8490", "id": "m", "timestamp": "1767226000",
        "type": "text", "text": {"body": "a"}}]});
    assert!(change("smb_message_echoes", echo, 1).remove(0).envelope.reply_policy.is_none());
    let revoked = message(json!({"from": "8490", "id": "m", "type": "revoke", "revoke": {"original_message_id": "x"}}));
    assert!(revoked.reply_policy.is_none());
}

#[test]
fn a_batch_of_a_thousand_keeps_all_neighbours_of_broken_ones() {
    let item = |n: usize| match n % 10 {
        3 => json!({"id": format!("m{n}"), "type": "text", "text": "no text"}),
        7 => json!(format!("no message {n}")),
        _ => json!({"from": "8490", "id": format!("m{n}"), "type": "text", "text": {"body": format!("text {n}")}}),
    };
    let events = change("messages", json!({"messages": (0..1000).map(item).collect::<Vec<_>>()}), 1_767_226_000);
    let typed = events.iter().filter(|event| matches!(event.envelope.payload, Some(Payload::Message(_)))).count();
    assert_eq!((events.len(), typed), (1000, 800));
}

#[test]
fn a_fault_never_repeats_what_was_written() {
    let body = CONNECTOR.sample("message_text").unwrap().body;
    let body = body.replace("\"Is the rice cooker back in stock?\"", "[\"secret words\"]");
    let event = read(body.as_bytes()).events.remove(0);
    let Some(Payload::Unsupported(unsupported)) = &event.envelope.payload else { panic!("unsupported") };
    assert!(!format!("{unsupported:?}").contains("secret") && !format!("{event:?}").contains("secret"));
    let code = json!({"from": "8490", "id": "m", "type": "unsupported", "errors": [{"code": "secret words"}]});
    assert!(!format!("{:?}", message(code).payload).contains("secret"));
}
