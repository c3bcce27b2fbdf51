//! Mail about mail: what becomes a receipt, and what does not.

mod common;

use connector_email::{Arrival, Rules, events, thread};
use connector_sdk::Secret;
use kenh_proto::v1::{ReceiptStatus, envelope::Payload};

use common::{account, event, message, receipt, rules, thread as thread_of};

fn report(blocks: &str) -> String {
    format!(
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nTo: support@example.com\nMessage-ID: <d1@mx.example>\n\
         Subject: Delivery Status Notification\nContent-Type: multipart/report; report-type=delivery-status; boundary=r\n\n\
         --r\nContent-Type: text/plain\n\nSee below.\n--r\nContent-Type: message/delivery-status\n\n\
         Reporting-MTA: dns; mx.example\n\n{blocks}\n--r\nContent-Type: message/rfc822\n\n\
         Message-ID: <out-1@example.com>\nReferences: <m1@customer.example>\nFrom: support@example.com\n\nx\n--r--\n"
    )
}

fn block(recipient: &str, action: &str, status: &str) -> String {
    format!("Final-Recipient: rfc822; {recipient}\nAction: {action}\nStatus: {status}\n\n")
}

#[test]
fn each_recipient_of_a_report_has_a_receipt() {
    let blocks = [
        block("a@c.example", "failed", "5.1.1"),
        block("b@c.example", "delayed", "4.4.1"),
        block("c@c.example", "delivered", "2.0.0"),
        block("d@c.example", "relayed", "2.0.0"),
    ];
    let raw = report(&blocks.concat());
    let events = events(&Arrival::of(raw.as_bytes()), &rules()).events;
    let told: Vec<_> =
        events.iter().map(receipt).map(|receipt| (receipt.status(), receipt.values["status"].clone())).collect();
    let owned = |status, word: &str| (status, word.to_owned());
    assert_eq!(
        told,
        [
            owned(ReceiptStatus::Failed, "failed"),
            owned(ReceiptStatus::Unspecified, "delayed"),
            owned(ReceiptStatus::Delivered, "delivered"),
            owned(ReceiptStatus::Sent, "relayed"),
        ]
    );
    let keys: std::collections::BTreeSet<_> = events.iter().map(|event| &event.envelope.dedupe_key).collect();
    assert_eq!(keys.len(), 4);
    for event in &events {
        assert_eq!(receipt(event).provider_message_ids, ["out-1@example.com"]);
        assert_eq!(thread_of(event), thread::id("m1@customer.example"), "it belongs to the thread of what was sent");
    }
    // The words of the report are in the bytes, once.
    let kept: Vec<_> = events.iter().map(|event| (event.keep_raw, event.raw == raw.as_bytes())).collect();
    assert_eq!(kept, [(true, true), (false, false), (false, false), (false, false)]);
}

#[test]
fn a_bounce_to_an_address_with_a_token_is_the_mailboxs() {
    let secret = Secret::from("reply-secret-for-tests-1");
    let with = Rules { reply_secrets: vec![secret.clone()], ..rules() };
    let thread = thread::id("m7@customer.example");
    let token = thread::token::token("support@example.com", &thread, &secret);
    let raw = format!(
        "From: MAILER-DAEMON@mx.example\nTo: bounce+{token}@example.com\nSubject: Undelivered Mail\n\n\
         This is the mail system.\n\n<gone@c.example>: host mx said: 550 5.1.1 user unknown\n"
    );
    let event = event(raw, &with);
    assert_eq!((thread_of(&event), account(&event).as_deref()), (thread, Some("support@example.com")));
    let receipt = receipt(&event);
    assert_eq!((receipt.status(), receipt.error_code.as_deref()), (ReceiptStatus::Failed, Some("5.1.1")));
    assert_eq!(receipt.values["recipient"], "gone@c.example");
}

#[test]
fn a_reading_receipt_is_one() {
    let raw = "From: lan@c.example\nTo: support@example.com\nSubject: Read\n\
               Content-Type: multipart/report; report-type=disposition-notification; boundary=r\n\n--r\n\n\nRead.\n--r\n\
               Content-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; lan@c.example\n\
               Original-Message-ID: <out-2@example.com>\nDisposition: manual-action/MDN-sent-manually; displayed\n--r--\n";
    let receipt = receipt(&event(raw, &rules()));
    assert_eq!(
        (receipt.status(), receipt.provider_message_ids),
        (ReceiptStatus::Read, vec!["out-2@example.com".into()])
    );
}

/// What people write about deliveries, and programs that answer for people, stays a message.
#[test]
fn nobodys_words_are_taken_for_a_bounce() {
    for raw in [
        "From: lan@c.example\nTo: support@example.com\nSubject: Delivery failed for order 7\n\n\
         The courier could not find me, error at the door. Write to lan2@c.example, mail failed.",
        "Return-Path: <>\nFrom: an@c.example\nTo: support@example.com\nSubject: Out of office\nAuto-Submitted: auto-replied\n\n\
         I am unavailable and cannot answer. Write to minh@c.example.",
        "From: lan@c.example\nTo: support@example.com\nSubject: Fwd: Undelivered\nContent-Type: multipart/mixed; boundary=f\n\n\
         --f\n\nWhat is this?\n--f\nContent-Type: message/rfc822\n\nFrom: MAILER-DAEMON@mx.example\n\
         Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; x@c.example\nAction: failed\nStatus: 5.1.1\n--f--\n",
        "From: MAILER-DAEMON@mx.example\nTo: support@example.com\nSubject: Returned mail\n\nSomething failed.",
    ] {
        let event = event(raw, &rules());
        assert!(matches!(&event.envelope.payload, Some(Payload::Message(_))), "{raw}");
        assert!(!message(&event).text.unwrap().body.is_empty());
    }
}
