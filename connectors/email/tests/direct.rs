//! Mail that other servers hand over: whose it is, what the envelope says, and whose word counts.

#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod common;

use std::collections::BTreeMap;

use connector_email::{Email, enclosed};
use connector_sdk::{
    Configure as _, Connector as _, Delivery, Event, RawRequest, Rejected, Section,
    reception::Envelope,
    settings::{self, Faults},
};
use http::{HeaderMap, Method};
use kenh_proto::v1::{Direction, envelope::Payload};

use common::{account, email, faults, receipt};

const SETTINGS: &str =
    "provider: direct\nmailboxes: [support@example.com]\ndomains: [shop.example]\ntrusted_hosts: [mx.near.example]\n";

fn endpoint(yaml: &str) -> Email {
    let mut faults = Faults::default();
    let node = settings::parse(yaml, &mut faults);
    let mut section = Section::new(&node, "email", &mut faults);
    let email = Email::configure(&mut section);
    section.finish();
    assert!(faults.sorted().is_empty());
    email
}

fn envelope(to: &str) -> Envelope {
    Envelope { from: "bounces+7@list.example".into(), to: vec![to.into()], ..Envelope::default() }
}

fn handed(endpoint: &Email, envelope: &Envelope, mail: &str) -> Event {
    let headers = envelope.headers();
    let mut events = endpoint.normalize(Delivery { headers: &headers, body: mail.as_bytes() }).unwrap().events;
    assert_eq!(events.len(), 1);
    events.remove(0)
}

const MAIL: &str = "From: Lan <lan@customer.example>\r\nTo: support@example.com\r\nMessage-ID: <m1@customer.example>\r\n\
                    Authentication-Results: mx.near.example; dmarc=pass\r\nSubject: x\r\n\r\nHi\r\n";

#[test]
fn settings_say_whose_mail_is_taken() {
    assert_eq!(faults("provider: direct\n"), ["email.mailboxes"]);
    assert_eq!(faults("provider: direct\ndomains: [nonsense, \"a b.example\"]\n"), ["email.domains"]);
    assert_eq!(faults("provider: direct\nmailboxes: [support@example.com]\nsecrets: x\n"), ["email.secrets"]);
    assert_eq!(
        faults("provider: imap\ndomains: [a.example]\nimap: {host: a, user: b, password: c}\n"),
        ["email.domains"]
    );
    let example = endpoint(include_str!("../examples/direct.yaml"));
    let taken = |recipient: &str| example.reception().unwrap().mailbox(recipient);
    assert_eq!(taken("Support+x@example.com").as_deref(), Some("support@example.com"));
    assert_eq!(taken("sales@example.com"), None);
    assert!(endpoint("provider: imap\nimap: {host: a, user: b, password: c}\n").reception().is_none());
}

#[test]
fn nothing_proves_a_call_over_http() {
    let direct = endpoint(SETTINGS);
    let headers = envelope("support@example.com").headers();
    let received_at = std::time::SystemTime::UNIX_EPOCH;
    let (method, body) = (&Method::POST, MAIL.as_bytes());
    let call = RawRequest { method, query: "", headers: &headers, body, received_at };
    assert_eq!(direct.verify(call).unwrap_err(), Rejected::NoSecret);
}

#[test]
fn the_envelope_beats_what_the_mail_says() {
    let direct = endpoint(SETTINGS);
    let event = handed(&direct, &envelope("Sales+t-1@shop.example"), MAIL);
    assert_eq!(account(&event).as_deref(), Some("sales@shop.example"), "although To names another one");
    assert_eq!(email(&event).envelope_to, ["Sales+t-1@shop.example"]);
    assert_eq!(email(&event).envelope_from.as_deref(), Some("bounces+7@list.example"));
    let event = handed(&direct, &envelope("support@example.com"), &MAIL.replace("support@", "all@"));
    assert_eq!(account(&event).as_deref(), Some("support@example.com"));
    let own = handed(&direct, &envelope("sales@shop.example"), &MAIL.replace("lan@customer", "sales@shop"));
    assert_eq!(own.envelope.direction(), Direction::Echo, "a mailbox of the domain is ours");
    let bounce = handed(&direct, &Envelope { from: String::new(), ..envelope("support@example.com") }, MAIL);
    assert_eq!(email(&bounce).envelope_from.as_deref(), Some("<>"));
    assert!(email(&bounce).auto_submitted.is_some(), "nobody wrote it");
}

#[test]
fn of_what_is_said_about_the_sender_only_what_can_be_trusted_counts() {
    let direct = endpoint(SETTINGS);
    let results = |pairs: &[(&str, &str)]| {
        let pairs = pairs.iter().map(|(method, result)| ((*method).to_owned(), (*result).to_owned()));
        Some(pairs.collect::<BTreeMap<_, _>>())
    };
    let found = |results| {
        let event = handed(&direct, &Envelope { results, ..envelope("support@example.com") }, MAIL);
        let dmarc = email(&event).authentication_results.get("dmarc").cloned();
        (dmarc, event.envelope.contact.unwrap().identities[0].verified)
    };
    assert_eq!(found(None), (Some("pass".into()), true), "the server before the gateway said so");
    assert_eq!(
        found(results(&[("dmarc", "fail")])),
        (Some("fail".into()), false),
        "the mail's own word does not count"
    );
    assert_eq!(found(results(&[("dmarc", "pass")])), (Some("pass".into()), true));
}

#[test]
fn a_provider_that_calls_has_no_envelope_to_bring() {
    let postmark =
        endpoint("provider: postmark\nsecrets: address-token-for-tests-0001\nmailboxes: [support@example.com]\n");
    let call = include_str!("../fixtures/inbound.json");
    let read = |headers: &HeaderMap| {
        let mut batch = postmark.normalize(Delivery { headers, body: call.as_bytes() }).unwrap();
        email(&batch.events.remove(0)).envelope_to
    };
    assert_eq!(read(&envelope("mallory@example.com").headers()), read(&HeaderMap::new()));
}

#[test]
fn what_cannot_be_read_is_kept_with_what_was_said_around_it() {
    let direct = endpoint(SETTINGS);
    let event = handed(&direct, &envelope("anyone@shop.example"), "no header of a mail\r\n");
    assert!(matches!(event.envelope.payload, Some(Payload::Unsupported(_))));
    assert_eq!(account(&event).as_deref(), Some("anyone@shop.example"));
    assert_eq!(direct.proof_headers(), ["x-kenh-mail-envelope"]);
    // Parked and read again, when the endpoint is gone.
    let (headers, bare) = (envelope("anyone@shop.example").headers(), Email::default());
    let mut read = bare.normalize(Delivery { headers: &headers, body: MAIL.as_bytes() }).unwrap();
    assert_eq!(account(&read.events.remove(0)).as_deref(), Some("anyone@shop.example"));
}

#[test]
fn a_bounce_and_a_file_are_what_they_are_on_every_way() {
    let direct = endpoint(SETTINGS);
    let bounce = "From: MAILER-DAEMON@mx.example\r\nSubject: x\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
                  --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; gone@x.example\r\n\
                  Action: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n";
    let event = handed(&direct, &Envelope { from: String::new(), ..envelope("support@example.com") }, bounce);
    assert_eq!(receipt(&event).error_code.as_deref(), Some("5.1.1"));
    let file = "From: lan@customer.example\r\nMIME-Version: 1.0\r\nContent-Type: application/pdf; name=a.pdf\r\n\
                Content-Disposition: attachment; filename=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n";
    let event = handed(&direct, &envelope("support@example.com"), file);
    let reference = common::files(&event)[0].provider_ref.clone().unwrap();
    let arrival = connector_email::Arrival::of(file.as_bytes());
    assert_eq!(enclosed(&arrival, &common::rules(), &reference).as_deref(), Some(b"%PDF".as_slice()));
    assert_eq!(event.raw, file.as_bytes(), "and nothing is lost or added");
}
