//! Rules that a golden does not show.

#[cfg(test)]
mod common;

use common::{NOW, endpoint, normalized};
use connector_sms::{CONNECTOR, providers};
use http::HeaderMap;
use kenh_proto::v1::{Envelope, ReceiptStatus, envelope::Payload};

const SPEEDSMS: &str = "provider: speedsms\nsecrets: an-unguessable-token-0001\nrepeat_window: 60s\n";
const TWILIO: &str = "provider: twilio\nuser: AC1\nsecrets: s\npublic_url: https://gw.example.test/x\n";

fn only(yaml: &str, body: &str) -> Envelope {
    let mut batch = normalized(&*endpoint(yaml), body, None);
    assert_eq!(batch.events.len(), 1, "{body}");
    batch.events.remove(0).envelope
}

fn account(envelope: &Envelope) -> Option<&str> {
    envelope.account.as_ref()?.external_id.as_deref()
}

#[test]
fn a_message_without_an_id_is_a_repeat_for_a_while_only() {
    let body = r#"{"type":"sms","phone":"84912345678","content":"ok"}"#;
    let key = |body: &str, at| normalized(&*endpoint(SPEEDSMS), body, Some(at)).events.remove(0).envelope.dedupe_key;
    let minute = NOW - NOW % 60;
    assert_eq!(key(body, minute), key(body, minute + 59), "tried again");
    assert_ne!(key(body, minute), key(body, minute + 60), "the same words an hour later are another message");
    assert_ne!(key(body, minute), key(&body.replace("ok", "no"), minute));
}

#[test]
fn a_report_belongs_to_the_account_that_sent_it() {
    let report = "MessageSid=SM1&MessageStatus=sent&From=%2B12025550199&To=%2B12025550101&MessagingServiceSid=MG00000000000000000000000000000001";
    let with = |accounts: &str| format!("{TWILIO}accounts: {accounts}\n");
    let service = with("{MG00000000000000000000000000000001: {token: t}, '+84280000001': {token: t}}");
    assert_eq!(account(&only(&service, report)), Some("MG00000000000000000000000000000001"));
    let number = with("{'+12025550199': {token: t}}");
    assert_eq!(account(&only(&number, report)), Some("+12025550199"));
    assert_eq!(account(&only(TWILIO, report)), Some("+12025550199"), "none of ours: the number it names");
    let unnamed = r#"{"type":"report","tranId":1,"phone":"84912345678","status":0}"#;
    let one = format!("{SPEEDSMS}accounts: {{MYSHOP: {{token: t}}}}\n");
    assert_eq!(account(&only(&one, unnamed)), Some("MYSHOP"), "it can only be that one");
    let two = format!("{SPEEDSMS}accounts: {{MYSHOP: {{token: t}}, OTHER: {{token: t}}}}\n");
    assert_eq!(account(&only(&two, unnamed)), None);
}

#[test]
fn a_status_nobody_knows_is_kept_and_means_nothing() {
    let event = only(TWILIO, "MessageSid=SM1&MessageStatus=teleported&To=%2B84900000001");
    let Some(Payload::Receipt(receipt)) = event.payload else { panic!("a receipt") };
    assert_eq!(receipt.status(), ReceiptStatus::Unspecified);
    assert_eq!(receipt.values["status"], "teleported");
    assert_eq!(event.dedupe_key, "SM1:teleported");
}

#[test]
fn finished_is_not_delivered() {
    let settings = "provider: esms\nuser: K\nsecrets: an-unguessable-token-0001\n";
    let status = |status: u32, success: u32, failed: u32| {
        let body =
            format!("SMSID=1&SendStatus={status}&SendSuccess={success}&SendFailed={failed}&phonenumber=0912345678");
        let Some(Payload::Receipt(receipt)) = only(settings, &body).payload else { panic!("a receipt") };
        receipt.status()
    };
    assert_eq!(status(5, 1, 0), ReceiptStatus::Delivered);
    assert_eq!(status(5, 0, 1), ReceiptStatus::Failed);
    assert_eq!(status(5, 0, 0), ReceiptStatus::Failed);
    assert_eq!(status(5, 1, 1), ReceiptStatus::Unspecified);
    assert_eq!(status(4, 0, 0), ReceiptStatus::Failed);
    assert_eq!(status(7, 0, 0), ReceiptStatus::Sent);
}

#[test]
fn an_id_of_zalo_is_no_phone_number() {
    let settings = "provider: esms\nuser: K\nsecrets: an-unguessable-token-0001\n";
    let event = only(settings, "SMSID=1&SendStatus=5&SendSuccess=1&SendFailed=0&TypeId=26&phonenumber=0912345678");
    assert_eq!((event.contact, event.conversation), (None, None));
}

#[test]
fn one_bad_item_costs_its_neighbours_nothing() {
    let (_, registration) = providers().into_iter().find(|(name, _)| *name == "infobip").unwrap();
    let sample = registration.sample("reports").unwrap().body;
    let batch = normalized(
        &*endpoint("provider: infobip\nsecrets: an-unguessable-token-0001\napi_url: https://x.test\n"),
        sample,
        None,
    );
    let receipts = batch.events.iter().filter(|event| matches!(event.envelope.payload, Some(Payload::Receipt(_))));
    assert_eq!((batch.events.len(), receipts.count()), (3, 2));
}

#[test]
fn what_nothing_configured_reads_is_the_provider_that_knows_it() {
    let bare = (CONNECTOR.bare)();
    for (name, registration) in providers() {
        for sample in registration.samples.iter().filter(|_| name != "stringee") {
            let delivery = connector_sdk::Delivery { headers: &HeaderMap::new(), body: sample.body.as_bytes() };
            let events = bare.normalize(delivery).unwrap().events;
            let typed = |event: &connector_sdk::Event| !matches!(event.envelope.payload, Some(Payload::Unsupported(_)));
            // One sample holds an item nobody can read.
            assert_eq!(
                events.iter().all(typed),
                (name, sample.name) != ("infobip", "reports"),
                "{name} {}",
                sample.name
            );
        }
    }
}

#[test]
fn settings_that_cannot_work_are_refused_with_their_place() {
    let faults = |yaml: &str| common::configured(yaml).err().unwrap_or_default().join("\n");
    assert!(faults("user: x").contains("sms.provider: is required, one of: esms, fpt, infobip, plivo"));
    assert!(faults("provider: twillio").contains("expected one of: esms"));
    assert!(faults("provider: speedsms\nsecrets: short").contains("sms.secrets: expected tokens of at least 20"));
    assert!(faults("provider: telnyx\nsecrets: nokey").contains("sms.secrets: expected public keys of 32 bytes"));
    assert!(faults("provider: speedsms\nsecrets: an-unguessable-token-0001\nuser: x").contains("sms.user: unknown"));
    let twilio = faults("provider: twilio\nsecrets: s\npublic_url: 'https://gw.example.test/x?y=1'");
    assert!(twilio.contains("sms.user: is required") && twilio.contains("sms.public_url: expected the address"));
    assert!(faults("provider: infobip\nsecrets: an-unguessable-token-0001").contains("sms.api_url: is required"));
    assert!(faults(&format!("{TWILIO}api_url: http://api.example.test")).contains("sms.api_url: expected an https"));
    for account in ["MYSHOPISLONG", "0912345678", "+84912", "123456789", "a/b"] {
        let settings = format!("{TWILIO}accounts: {{\"{account}\": {{token: t}}}}\n");
        assert!(faults(&settings).contains("sms.accounts: expected numbers"), "{account}");
    }
    for account in ["+84280000001", "8079", "MYSHOP", "My Shop", "MG00000000000000000000000000000001"] {
        assert_eq!(faults(&format!("{TWILIO}accounts: {{\"{account}\": {{token: t}}}}\n")), "", "{account}");
    }
}
