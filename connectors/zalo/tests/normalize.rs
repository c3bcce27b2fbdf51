//! Rules that a golden does not make obvious.

#[cfg(test)]
mod common;

use common::{configured, endpoint, normalized};
use connector_sdk::Event;
use connector_zalo::CONNECTOR;
use kenh_proto::v1::{Direction, envelope::Payload};

fn only(body: &str, headers: &[(&str, &str)]) -> Event {
    let mut batch = normalized(&*endpoint(), body, headers);
    assert_eq!(batch.events.len(), 1, "{body}");
    batch.events.remove(0)
}

fn sample(name: &str) -> &'static str {
    CONNECTOR.sample(name).unwrap_or_else(|| panic!("no sample {name}")).body
}

fn identities(event: &Event) -> Vec<(&str, &str)> {
    let contact = event.envelope.contact.iter().flat_map(|contact| &contact.identities);
    contact.map(|identity| (identity.scheme.as_str(), identity.value.as_str())).collect()
}

#[test]
fn every_documented_event_is_typed() {
    for sample in CONNECTOR.samples {
        for event in normalized(&*endpoint(), sample.body, sample.headers).events {
            assert!(!matches!(event.envelope.payload, Some(Payload::Unsupported(_))), "{}", sample.name);
            assert_eq!(event.envelope.account.unwrap().external_id.as_deref(), Some("7770001112223334445"));
        }
    }
}

#[test]
fn only_what_the_contact_did_opens_the_window() {
    let opens: Vec<_> = CONNECTOR
        .samples
        .iter()
        .filter(|sample| only_or_first(sample.body).envelope.reply_policy.is_some())
        .map(|sample| sample.name)
        .collect();
    let expected = |name: &str| {
        let direct = name.starts_with("user_send_") && !name.starts_with("user_send_group_");
        direct || ["follow", "user_click_chatnow", "user_asking_product", "user_call_oa"].contains(&name)
    };
    let wanted: Vec<_> = CONNECTOR.samples.iter().map(|sample| sample.name).filter(|name| expected(name)).collect();
    assert_eq!(opens, wanted);
}

fn only_or_first(body: &str) -> Event {
    normalized(&*endpoint(), body, &[]).events.remove(0)
}

#[test]
fn the_window_is_seven_days_and_two_of_them_are_free() {
    let event = only(sample("user_send_text"), &[]).envelope;
    let policy = event.reply_policy.unwrap();
    let since = |at: Option<prost_types::Timestamp>| at.unwrap().seconds - event.occurred_at.unwrap().seconds;
    assert_eq!((since(policy.open_until), since(policy.free_until)), (7 * 86_400, 2 * 86_400));
}

#[test]
fn each_message_seen_has_an_identity_of_its_own() {
    let batch = normalized(&*endpoint(), sample("user_seen_message"), &[]);
    let keys: Vec<_> = batch.events.iter().map(|event| event.envelope.dedupe_key.as_str()).collect();
    assert_eq!(keys, ["user_seen_message:c7d1c2b3a4f50617000f", "user_seen_message:c7d1c2b3a4f506170010"]);
}

#[test]
fn more_messages_seen_than_there_can_be_are_kept_as_they_came() {
    let ids: Vec<_> = (0..1001).map(|id| id.to_string()).collect();
    let body = sample("user_seen_message")
        .replace(r#"["c7d1c2b3a4f50617000f","c7d1c2b3a4f506170010"]"#, &format!("[{}]", ids.join(",")));
    assert!(matches!(only(&body, &[]).envelope.payload, Some(Payload::Unsupported(_))));
}

#[test]
fn one_icon_set_twice_is_two_reactions() {
    let first = sample("user_reacted_message");
    let second = first.replace("\"timestamp\":\"17", "\"timestamp\":\"18");
    assert_ne!(only(first, &[]).envelope.dedupe_key, only(&second, &[]).envelope.dedupe_key);
}

#[test]
fn the_unsigned_header_makes_no_user_a_phone_number() {
    let zns = [("X-ZEvent-Server", "ZNS")];
    let chat = sample("user_received_message");
    assert_eq!(only(chat, &zns).envelope, only(chat, &[]).envelope);
    let bare = chat.replace("5550001112223334445", "84912345678");
    assert_eq!(identities(&only(&bare, &zns)).first(), Some(&("phone", "84912345678")));
    assert_eq!(identities(&only(&bare, &[])).first(), Some(&("zalo_uid", "84912345678")));
}

#[test]
fn a_phone_number_and_its_digest_are_told_apart() {
    assert_eq!(identities(&only(sample("user_received_message_zns"), &[])), [("phone", "84912345678")]);
    let hashed = only(sample("user_received_message_zns_hash"), &[]);
    assert_eq!(identities(&hashed).first().map(|(scheme, _)| *scheme), Some("phone_sha256"));
}

#[test]
fn a_tracking_id_of_ours_is_the_reference_it_was_made_of() {
    let sample = sample("user_received_message_zns");
    let reference = |body: &str| only(body, &[]).envelope.target.unwrap().client_reference;
    let ours = sample.replace("flower-2001", "0190c0de000070008000000000000001p12");
    assert_eq!(reference(&ours).as_deref(), Some("0190c0de-0000-7000-8000-000000000001.12"));
    assert_eq!(reference(sample).as_deref(), Some("flower-2001"));
}

#[test]
fn a_call_the_contact_took_opens_the_window_and_one_they_missed_does_not() {
    let made = sample("oa_call_user").replace("\"phone\"", "\"user_id\":\"5550001112223334445\",\"phone\"");
    let opens = |body: &str| only(body, &[]).envelope.reply_policy.is_some();
    assert!(!opens(&made));
    assert!(opens(&made.replace("\"talk_time\":0", "\"talk_time\":9000")));
}

#[test]
fn an_account_that_sends_is_known() {
    let sends = "app_id: '1000000000000000001'\noa_secret_keys: s\naccounts: {'7770001112223334445': {token: t}}";
    let swapped = sample("user_reacted_message")
        .replace("5550001112223334445", "x")
        .replace("7770001112223334445", "5550001112223334445")
        .replace("\"x\"", "\"7770001112223334445\"");
    let event = normalized(&*configured(sends).unwrap(), &swapped, &[]).events.remove(0);
    assert_eq!(identities(&event).first(), Some(&("zalo_uid", "5550001112223334445")));
}

#[test]
fn an_account_that_is_known_is_never_taken_for_a_customer() {
    let known = "app_id: '1000000000000000001'\noa_secret_keys: s\noa_ids: '7770001112223334445'";
    let swapped = sample("user_reacted_message")
        .replace("5550001112223334445", "x")
        .replace("7770001112223334445", "5550001112223334445")
        .replace("\"x\"", "\"7770001112223334445\"");
    let event = normalized(&*configured(known).unwrap(), &swapped, &[]).events.remove(0);
    assert_eq!(identities(&event).first(), Some(&("zalo_uid", "5550001112223334445")));
    assert_eq!(event.envelope.account.unwrap().external_id.as_deref(), Some("7770001112223334445"));
}

#[test]
fn both_spellings_of_group_events_mean_the_same() {
    let pairs = [
        ("user_out_group", "user_leave_group"),
        ("delete_group", "disperse_group"),
        ("accept_request_join_group", "react_request_join_group_accept"),
        ("accept_request_join_group", "react_request_join_group"),
        ("reject_request_join_group", "react_request_join_group_reject"),
    ];
    for (one, other) in pairs {
        let body = sample(one);
        let payload = |body: &str| only(body, &[]).envelope.payload;
        assert_eq!(payload(body), payload(&body.replace(one, other)), "{other}");
    }
}

#[test]
fn a_person_of_the_business_is_told_from_a_program() {
    let role = |name: &str| only(sample(name), &[]).envelope.actor.unwrap();
    assert_eq!(role("oa_send_text").role().as_str_name(), "ACTOR_ROLE_BOT");
    let agent = role("oa_send_text_agent");
    assert_eq!(
        (agent.role().as_str_name(), agent.external_id.as_deref()),
        ("ACTOR_ROLE_AGENT", Some("8880001112223334445"))
    );
    assert_eq!(only(sample("oa_send_text"), &[]).envelope.direction(), Direction::Echo);
}

#[test]
fn waiting_is_in_seconds_and_its_neighbours_are_in_milliseconds() {
    let Some(Payload::CallEvent(call)) = only(sample("user_call_oa"), &[]).envelope.payload else { panic!("a call") };
    assert_eq!((call.duration_ms, call.waiting_ms, call.talk_ms), (Some(65_000), Some(8_000), Some(57_000)));
}

#[test]
fn a_fault_never_repeats_what_was_written() {
    let body = sample("user_send_text").replace("\"Tiệm mình mở cửa tới mấy giờ?\"", "[\"secret words\"]");
    let Some(Payload::Unsupported(event)) = only(&body, &[]).envelope.payload else { panic!("unsupported") };
    assert_eq!(event.reason, "unexpected_shape");
    assert!(!format!("{event:?}").contains("secret"), "{event:?}");
}
