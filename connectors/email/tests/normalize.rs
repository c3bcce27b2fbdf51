//! Rules of a mail's way that a golden does not show.

mod common;

use connector_email::{Fallback, Rules, thread};
use connector_sdk::{Connector as _, Delivery, Secret};
use connector_testkit::Endpoint;
use http::HeaderMap;
use kenh_proto::v1::{Direction, ThreadMatch, envelope::Payload};

use common::{account, degraded, email, event, files, message, rules, thread as thread_of};

fn mail(head: &str, body: &str) -> String {
    format!(
        "From: Lan <lan@customer.example>\nTo: support@example.com\nMessage-ID: <m1@customer.example>\n{head}\n\n{body}"
    )
}

#[test]
fn a_mail_is_one_event_whatever_way_it_comes() {
    let key = |raw: &str| event(raw, &rules()).envelope.dedupe_key;
    let one = mail("Subject: Hàng", "Còn không?");
    let again = format!("Received: by mx.example.com\nDelivered-To: support@example.com\n{one}");
    assert_eq!(key(&one), key(&again), "servers on the way add headers");
    // Programs do give two mails one Message-ID.
    assert_ne!(key(&one), key(&mail("Subject: Hàng", "Còn không ạ?")));
    assert_ne!(key(&one), key(&mail("Subject: Hàng 2", "Còn không?")));
    let without = one.replace("Message-ID: <m1@customer.example>\n", "");
    assert_ne!(key(&without), key(&format!("X-Other: 1\n{without}")));
}

#[test]
fn what_we_sent_ourselves_is_an_echo() {
    let copy = "From: Shop <Support@example.com>\nTo: lan@customer.example, support@example.com\nSubject: x\n\nx";
    let event = event(copy, &rules());
    assert_eq!(
        (event.envelope.direction(), account(&event).as_deref()),
        (Direction::Echo, Some("support@example.com"))
    );
    assert_eq!(event.envelope.contact.unwrap().identities[0].value, "lan@customer.example");
}

#[test]
fn a_contact_is_verified_by_a_trusted_server_only() {
    let verified =
        |head: &str, rules: &Rules| event(mail(head, "x"), rules).envelope.contact.unwrap().identities[0].verified;
    let trusting = Rules { trusted_hosts: vec!["mx.example.com".into()], ..rules() };
    let header = "Authentication-Results: mx.example.com; dmarc=pass header.from=customer.example";
    assert!(verified(header, &trusting));
    assert!(!verified(header, &rules()), "nobody is trusted unless named");
    assert!(!verified("Authentication-Results: evil.example; dmarc=pass", &trusting));
    assert!(!verified(&format!("Authentication-Results: evil.example; x=y\n{header}"), &trusting), "not the topmost");
    assert!(!verified("Authentication-Results: mx.example.com; dmarc=fail", &trusting));
}

#[test]
fn an_answer_finds_its_thread() {
    let first = event(mail("Subject: Hàng", "x"), &rules());
    let answer = "From: minh@customer.example\nTo: support@example.com\nSubject: Chuyện khác\n\
                  References: <m1@customer.example>\n <out@example.com>\n\nx";
    let answer = event(answer, &rules());
    assert_eq!(thread_of(&answer), thread_of(&first));
    let conversation = answer.envelope.conversation.unwrap();
    assert_eq!(conversation.thread_match(), ThreadMatch::References);
    assert_eq!(conversation.title.as_deref(), Some("Chuyện khác"), "another subject shows");
}

#[test]
fn a_reply_token_leads_back_and_anothers_does_not() {
    let secret = Secret::from("reply-secret-for-tests-1");
    let with = Rules { reply_secrets: vec![secret.clone()], ..rules() };
    let id = thread::id("m1@customer.example");
    let to = |mailbox: &str| {
        let token = thread::token::token(mailbox, &id, &secret);
        format!(
            "From: lan@customer.example\nTo: support+{token}@example.com\nSubject: x\nMessage-ID: <m9@c.example>\n\nx"
        )
    };
    let event_of = |mailbox: &str| event(to(mailbox), &with);
    let right = event_of("support@example.com");
    assert_eq!((thread_of(&right), degraded(&right)), (id.clone(), vec![]));
    assert_eq!(right.envelope.conversation.unwrap().thread_match(), ThreadMatch::ReplyToken);
    let other = event_of("sales@example.com");
    assert_ne!(thread_of(&other), id);
    assert_eq!(degraded(&other), ["reply_token_invalid"]);
    assert_ne!(thread_of(&event(to("support@example.com"), &rules())), id, "without a secret no token counts");
}

#[test]
fn old_encodings_of_viet_nam_are_read() {
    let of = |head: &str, body: &[u8], fallback| {
        let head = mail(&format!("Subject: x\nContent-Type: text/plain{head}\nContent-Transfer-Encoding: 8bit"), "");
        event([head.as_bytes(), body].concat(), &Rules { fallback, ..rules() })
    };
    let text = |event: &connector_sdk::Event| message(event).text.unwrap().body;
    for (label, body) in [
        ("; charset=windows-1258", b"Ti\xea\xecng Vi\xea\xf2t".as_slice()),
        ("; charset=viscii", b"Ti\xaang Vi\xaet"),
        ("; charset=\"x-viet-tcvn5712\"", b"Ti\xd5ng Vi\xd6t"),
    ] {
        let event = of(label, body, Fallback::Windows1252);
        assert_eq!((text(&event).as_str(), degraded(&event)), ("Tiếng Việt", vec![]), "{label}");
    }
    assert_eq!(text(&of("", b"Ti\xea\xecng Vi\xea\xf2t", Fallback::Windows1258)), "Tiếng Việt");
    let damaged = of("; charset=x-viet-vps", b"Ti\xaang", Fallback::Windows1252);
    assert_eq!(degraded(&damaged), ["charset_damaged"]);
    assert!(damaged.keep_raw, "what could not be read is in the bytes");
}

const NESTED: &str = "From: lan@customer.example\nTo: support@example.com\nSubject: x\nMIME-Version: 1.0\n\
Content-Type: multipart/mixed; boundary=m\n\n--m\nContent-Type: multipart/related; boundary=r\n\n--r\n\
Content-Type: multipart/alternative; boundary=a\n\n--a\nContent-Type: text/plain\n\nXem hinh\n--a\n\
Content-Type: text/html\n\n<p>Xem hinh <img src=\"cid:img1\"></p>\n--a\nContent-Type: text/calendar; method=REQUEST\n\n\
BEGIN:VCALENDAR\nEND:VCALENDAR\n--a--\n--r\nContent-Type: image/png\nContent-ID: <img1>\n\
Content-Transfer-Encoding: base64\n\nAAEC\n--r--\n--m\nContent-Type: application/ms-tnef; name=winmail.dat\n\
Content-Transfer-Encoding: base64\n\neJ8+IgEAAgKQBgAOAAAAAAAAAAAAAAAAAAAAAAAAAAIQgAEABgAAAGEucGRmAAAAAg+ABgAEAAAAJVBERgAAAgKQBgAOAAAAAAAAAAAAAAAAAAAAAAAAAAIQgAEABgAAAGIudHh0AAAAAg+ABgADAAAAdHdvAAA=\n\
--m\nContent-Type: message/rfc822\n\nFrom: minh@customer.example\nSubject: y\n\nBen trong\n--m--\n";

#[test]
fn files_of_every_sort_are_described_and_found_again() {
    let event = event(NESTED, &rules());
    assert_eq!(message(&event).text.unwrap().body, "Xem hinh");
    assert_eq!(email(&event).html.as_deref(), Some("<p>Xem hinh <img src=\"cid:img1\"></p>"));
    assert!(event.keep_raw);
    let found: Vec<_> = files(&event)
        .into_iter()
        .map(|file| {
            (file.mime_type.unwrap_or_default(), file.name.unwrap_or_default(), file.inline, file.provider_ref.unwrap())
        })
        .collect();
    let kinds: Vec<_> = found.iter().map(|(mime, name, inline, _)| (mime.as_str(), name.as_str(), *inline)).collect();
    assert_eq!(
        kinds,
        [
            ("text/calendar", "", false),
            ("image/png", "", true),
            ("application/ms-tnef", "winmail.dat", false),
            ("", "a.pdf", false),
            ("", "b.txt", false),
            ("message/rfc822", "", false),
        ]
    );
    let bytes = |place: usize| {
        let arrival = connector_email::Arrival::of(NESTED.as_bytes());
        connector_email::enclosed(&arrival, &rules(), &found[place].3).unwrap()
    };
    assert_eq!((bytes(1), bytes(3), bytes(4)), (vec![0, 1, 2], b"%PDF".to_vec(), b"two".to_vec()));
    assert!(String::from_utf8(bytes(5)).unwrap().starts_with("From: minh@customer.example"));
    let arrival = connector_email::Arrival::of(NESTED.as_bytes());
    for nothing in ["", "part:", "part:0", "part:99", "part:-1", "part:3/tnef:0", "part:6/tnef:9", "file:///etc/passwd"]
    {
        assert_eq!(connector_email::enclosed(&arrival, &rules(), nothing), None, "{nothing}");
    }
}

#[test]
fn files_of_a_providers_call_are_found_in_the_bytes_that_are_kept() {
    for (name, registration) in connector_email::providers() {
        let endpoint = (registration.bare)();
        for sample in registration.samples {
            let delivery = Delivery { headers: &HeaderMap::new(), body: sample.body.as_bytes() };
            for event in endpoint.normalize(delivery).unwrap().events {
                let Some(Payload::Message(_)) = &event.envelope.payload else { continue };
                for file in files(&event) {
                    assert!(event.keep_raw && event.raw == sample.body.as_bytes());
                    let bytes = endpoint.enclosed(delivery, file.provider_ref.as_deref().unwrap()).unwrap();
                    assert!(bytes.ends_with(b"made up"), "{name} {}", sample.name);
                }
            }
        }
    }
}

#[test]
fn bounds_are_kept_and_told() {
    let long = event(mail("Subject: x", &"dài ".repeat(500_000)), &rules());
    assert_eq!(degraded(&long), ["text_cut"]);
    assert!(email(&long).full_text.unwrap().len() <= 1 << 20 && long.keep_raw);
    let part = "--m\nContent-Type: image/png\n\nx\n";
    let many = mail("Subject: x\nContent-Type: multipart/mixed; boundary=m", &format!("{}--m--\n", part.repeat(300)));
    let many = event(many, &rules());
    assert_eq!((files(&many).len(), degraded(&many)), (200, vec!["attachments_cut".to_owned()]));
    let date = event(mail("Subject: x\nDate: Mon, 1 Jan 1990 00:00:00 +0000", "x"), &rules());
    assert_eq!(degraded(&date), ["timestamp_range"]);
}

#[test]
fn what_is_no_mail_is_kept_whole() {
    for raw in [b"".as_slice(), b"\xff\xfe\0\0", b"hello", b"\n\n\n"] {
        let event = event(raw, &rules());
        let Some(Payload::Unsupported(unsupported)) = &event.envelope.payload else { panic!("{raw:?}") };
        assert_eq!((unsupported.reason.as_str(), event.raw.as_slice()), ("unexpected_shape", raw));
    }
}

#[test]
fn each_field_of_sendgrid_is_read_in_its_own_encoding() {
    let field = |name: &str, value: &[u8]| {
        [format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n").as_bytes(), value, b"\r\n"].concat()
    };
    let body = [
        field("from", b"an@customer.example"),
        field("subject", "Cà phê".as_bytes()),
        field("text", b"Tr\xe8s bien"),
        field("charsets", br#"{"subject":"UTF-8","text":"iso-8859-1"}"#),
        field("envelope", br#"{"to":["support@example.com"],"from":""}"#),
        b"--b--\r\n".to_vec(),
    ]
    .concat();
    let batch =
        connector_email::Email::default().normalize(Delivery { headers: &HeaderMap::new(), body: &body }).unwrap();
    let email = email(&batch.events[0]);
    assert_eq!((email.subject.as_deref(), email.full_text.as_deref()), (Some("Cà phê"), Some("Très bien")));
}

#[test]
fn what_is_no_mail_at_a_provider_is_kept_and_named() {
    let typed = |yaml: &str, body: &str| {
        let batch = Endpoint::of(&connector_email::CONNECTOR, yaml).normalized(body);
        let Some(Payload::Unsupported(unsupported)) = batch.events[0].envelope.payload.clone() else {
            panic!("{batch:?}")
        };
        (unsupported.provider_type.unwrap_or_default(), unsupported.reason)
    };
    let owned = |one: &str, other: &str| (one.to_owned(), other.to_owned());
    let postmark = format!("provider: postmark\nsecrets: {}\n", common::TOKEN);
    assert_eq!(typed(&postmark, r#"{"RecordType":"Bounce","Email":"x"}"#), owned("Bounce", "not_typed"));
    let mailgun = "provider: mailgun\nsecrets: x\n";
    assert_eq!(typed(mailgun, r#"{"signature":{},"event-data":{"event":"failed"}}"#), owned("failed", "not_typed"));
    let notice = |message: &str| {
        serde_json::json!({"Type": "Notification", "TopicArn": "arn:x", "Message": message}).to_string()
    };
    let in_s3 = notice(r#"{"notificationType":"Received","receipt":{"action":{"type":"S3","bucketName":"b"}}}"#);
    assert_eq!(typed(&common::example("ses"), &in_s3), owned("Received", "no_content"));
    assert_eq!(
        typed(&common::example("ses"), &notice(r#"{"notificationType":"Bounce"}"#)),
        owned("Bounce", "not_typed")
    );
}
