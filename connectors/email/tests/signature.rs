//! What proves each provider's calls, and what does not. The vectors were made apart from this program, with made-up secrets.

#![allow(clippy::string_slice, reason = "of digits and letters")]

mod common;

use connector_sdk::{Proof, Rejected};
use connector_testkit::Endpoint;

use common::{NOW, TOKEN, endpoint, example, faults};

const SIGNING_KEY: &str = "test-signing-key-0001";
const MAILGUN_TOKEN: &str = "0f3c9a7d5e1b48c2a6d4e8f0b1c3d5e7f9a0b2c4d6e8f0a1b2";
const MAILGUN_SIGNATURE: &str = "0f4ac731a3d058e711bf3f196c6ea926746a09af6f9f9e668a22577d87582c0a";

fn mailgun(timestamp: &str, token: &str, signature: &str) -> String {
    format!("recipient=support%40example.com&from=a%40b.test&timestamp={timestamp}&token={token}&signature={signature}")
}

#[test]
fn mailgun_signs_time_and_token_within_the_body() {
    let endpoint = endpoint(&format!("provider: mailgun\nsecrets: [other-key, {SIGNING_KEY}]\nreplay_window: 5m\n"));
    let now = NOW.to_string();
    let right = mailgun(&now, MAILGUN_TOKEN, MAILGUN_SIGNATURE);
    for at in [NOW, NOW - 300, NOW + 300] {
        // Nothing of the mail is covered: that is no more than a token.
        assert_eq!(endpoint.verdict(&right, &[], at), Ok(Proof::Token));
    }
    let multipart = ["timestamp", &now, "token", MAILGUN_TOKEN, "signature", MAILGUN_SIGNATURE];
    let fields = multipart
        .chunks(2)
        .map(|pair| format!("--b1\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n{}\r\n", pair[0], pair[1]));
    let multipart = fields.collect::<String>() + "--b1--\r\n";
    assert_eq!(endpoint.verdict(&multipart, &[], NOW), Ok(Proof::Token));
    let about_sent = format!(
        r#"{{"signature":{{"timestamp":"{now}","token":"{MAILGUN_TOKEN}","signature":"{MAILGUN_SIGNATURE}"}},"event-data":{{"event":"failed"}}}}"#
    );
    assert_eq!(endpoint.verdict(&about_sent, &[], NOW), Ok(Proof::Token));

    for at in [NOW - 301, NOW + 301] {
        assert_eq!(endpoint.verdict(&right, &[], at), Err(Rejected::Stale));
    }
    let wrong = |timestamp: &str, token: &str, signature: &str| {
        endpoint.verdict(&mailgun(timestamp, token, signature), &[], NOW).unwrap_err()
    };
    let later = (NOW + 1).to_string();
    assert_eq!(wrong(&later, MAILGUN_TOKEN, MAILGUN_SIGNATURE), Rejected::SignatureMismatch);
    assert_eq!(wrong(&now, &MAILGUN_TOKEN.replace('0', "1"), MAILGUN_SIGNATURE), Rejected::SignatureMismatch);
    assert_eq!(wrong(&now, MAILGUN_TOKEN, &MAILGUN_SIGNATURE.replace('0', "1")), Rejected::SignatureMismatch);
    assert_eq!(wrong(&now, MAILGUN_TOKEN, &MAILGUN_SIGNATURE[..62]), Rejected::SignatureMismatch);
    assert_eq!(wrong(&now, MAILGUN_TOKEN, "no-digits"), Rejected::SignatureMalformed);
    assert_eq!(wrong(&now, MAILGUN_TOKEN, ""), Rejected::SignatureMissing);
    assert_eq!(wrong(&now, "", MAILGUN_SIGNATURE), Rejected::SignedPartMissing);
    // The border between time and token can be nowhere else.
    assert_eq!(
        wrong(&now[..9], &format!("{}{MAILGUN_TOKEN}", &now[9..]), MAILGUN_SIGNATURE),
        Rejected::TimestampMissing
    );
    assert_eq!(wrong(&format!("{now}0"), &MAILGUN_TOKEN[1..], MAILGUN_SIGNATURE), Rejected::TimestampMissing);
    for nothing in ["", "{}", "--b\r\n", "\u{0}"] {
        assert_eq!(endpoint.verdict(nothing, &[], NOW), Err(Rejected::SignedPartMissing), "{nothing:?}");
    }
}

const PUBLIC_KEY: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE+evkZBR8wQLZIyTQmdknwaUOQtV6CKEW/+wKKYGdjGVwuvfRKIiQKmoMHWet0QMSPIWatpv46UMck4STDUt+7g==";
const PARSE_BODY: &str =
    "--xTESTx\r\nContent-Disposition: form-data; name=\"from\"\r\n\r\na@example.test\r\n--xTESTx--\r\n";
const PARSE_SIGNATURE: &str =
    "MEUCIAol1+Wyr3lQiJ7COhf4VMoe5h4KrS0ILuNrP/tyDbbeAiEA0m8Bz7h+TTZGKklZm5aguWnAaHWW8I/t7T17nML1kM4=";
const SIGNATURE: &str = "X-Twilio-Email-Event-Webhook-Signature";
const TIMESTAMP: &str = "X-Twilio-Email-Event-Webhook-Timestamp";

#[test]
fn sendgrid_signs_time_and_body_where_it_signs() {
    let endpoint = endpoint(&format!("provider: sendgrid\npublic_keys: \"{PUBLIC_KEY}\"\n"));
    let (now, day) = (NOW.to_string(), 86_400);
    let headers = [(SIGNATURE, PARSE_SIGNATURE), (TIMESTAMP, now.as_str())];
    for at in [NOW, NOW + 3 * day] {
        assert_eq!(endpoint.verdict(PARSE_BODY, &headers, at), Ok(Proof::Signature));
    }
    assert_eq!(endpoint.verdict(PARSE_BODY, &headers, NOW + 5 * day), Err(Rejected::Stale));
    let wrong = |body: &str, pairs: &[(&str, &str)]| endpoint.verdict(body, pairs, NOW).unwrap_err();
    assert_eq!(wrong(&PARSE_BODY.replace("a@", "b@"), &headers), Rejected::SignatureMismatch);
    assert_eq!(wrong(PARSE_BODY.trim_end(), &headers), Rejected::SignatureMismatch);
    let later = (NOW + 1).to_string();
    assert_eq!(wrong(PARSE_BODY, &[headers[0], (TIMESTAMP, &later)]), Rejected::SignatureMismatch);
    // The border between time and body: a digit less is decades off.
    let (short, moved) = (&now[..9], format!("{}{PARSE_BODY}", &now[9..]));
    assert_eq!(wrong(&moved, &[headers[0], (TIMESTAMP, short)]), Rejected::Stale);
    assert_eq!(wrong(PARSE_BODY, &headers[1..]), Rejected::SignatureMissing);
    assert_eq!(wrong(PARSE_BODY, &headers[..1]), Rejected::TimestampMissing);
    assert_eq!(wrong(PARSE_BODY, &[(SIGNATURE, "no base64"), headers[1]]), Rejected::SignatureMalformed);
    assert_eq!(wrong(PARSE_BODY, &[(SIGNATURE, "TUlJ"), headers[1]]), Rejected::SignatureMismatch);
    assert_eq!(wrong(PARSE_BODY, &[headers[0], headers[0], headers[1]]), Rejected::SignatureMissing);
    // A token does not stand for the signature, nor the signature for a token.
    assert_eq!(wrong(PARSE_BODY, &[("x-kenh-token", TOKEN)]), Rejected::TimestampMissing);
    let both = common::endpoint(&format!("provider: sendgrid\npublic_keys: \"{PUBLIC_KEY}\"\nsecrets: {TOKEN}\n"));
    assert_eq!(both.verdict(PARSE_BODY, &headers, NOW), Err(Rejected::TokenMissing));
    let with_token = [headers[0], headers[1], ("x-kenh-token", TOKEN)];
    assert_eq!(both.verdict(PARSE_BODY, &with_token, NOW), Ok(Proof::Signature));
}

/// Made for these tests, and for nothing else.
const OWN_KEY: &str = "test:MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgGer6fqbklRiv9XRGHLwLRea2WrKZtG+pbH7ZbUXBtyChRANCAASZuYbQqRBVXLrDZXuEshmSBJHgHkbgu/3ZQ0nH3DtSr68ZUGPhj+BPOkfasCNR9Fm/2J39KzMhfBi16B75gukr";

#[test]
fn what_is_signed_with_a_key_of_ones_own_is_proven_by_it_and_no_other() {
    let own = endpoint(&format!("provider: sendgrid\npublic_keys: \"{OWN_KEY}\"\n"));
    let other = endpoint(&format!("provider: sendgrid\npublic_keys: \"{PUBLIC_KEY}\"\n"));
    let signed = own.signed(PARSE_BODY, NOW);
    let headers: Vec<_> = signed.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(own.verdict(PARSE_BODY, &headers, NOW), Ok(Proof::Signature));
    assert_eq!(other.verdict(PARSE_BODY, &headers, NOW), Err(Rejected::SignatureMismatch));
    for position in 0..PARSE_BODY.len() {
        let mut body = PARSE_BODY.as_bytes().to_vec();
        body[position] ^= 1;
        let body = String::from_utf8(body).unwrap();
        assert_eq!(own.verdict(&body, &headers, NOW), Err(Rejected::SignatureMismatch), "byte {position}");
    }
}

#[test]
fn postmark_and_unsigned_sendgrid_are_proven_by_a_token() {
    for provider in ["postmark", "sendgrid"] {
        let endpoint = endpoint(&format!("provider: {provider}\nsecrets: {TOKEN}\n"));
        assert_eq!(endpoint.verdict("{}", &[("x-kenh-token", TOKEN)], NOW), Ok(Proof::Token));
        // kenh:address-token-for-tests-0001
        let basic = ("authorization", "Basic a2VuaDphZGRyZXNzLXRva2VuLWZvci10ZXN0cy0wMDAx");
        assert_eq!(endpoint.verdict("{}", &[basic], NOW), Ok(Proof::Token));
        for wrong in [&TOKEN[..27], "address-token-for-tests-0002", ""] {
            assert_eq!(endpoint.verdict("{}", &[("x-kenh-token", wrong)], NOW), Err(Rejected::TokenMismatch));
        }
        assert_eq!(endpoint.verdict("{}", &[], NOW), Err(Rejected::TokenMissing));
    }
}

const RECEIVED: &str = include_str!("../fixtures/ses/received.json");
const CONFIRMATION: &str = include_str!("../fixtures/ses/subscription_confirmation.json");

fn ses(more: &str) -> Endpoint {
    endpoint(&format!("{}{more}", example("ses")))
}

#[test]
fn amazon_signs_the_members_of_a_notification() {
    let endpoint = ses("");
    // Version 2 (SHA-256) and version 1 (SHA-1).
    for body in [RECEIVED, CONFIRMATION] {
        assert_eq!(endpoint.verdict(body, &[], NOW), Ok(Proof::Signature));
    }
    let wrong = |body: &str| endpoint.verdict(body, &[], NOW).unwrap_err();
    let url = "https://sns.ap-southeast-1.amazonaws.com/";
    for elsewhere in ["https://sns.evil.amazonaws.com.example.test/", "http://sns.ap-southeast-1.amazonaws.com/", ""] {
        let body = RECEIVED.replace(&format!("{url}Simple"), &format!("{elsewhere}Simple"));
        assert_eq!(wrong(&body), Rejected::SignedPartMissing, "{elsewhere}");
    }
    assert_eq!(wrong(&RECEIVED.replace(":kenh-mail", ":other-mail")), Rejected::WrongApplication);
    assert_eq!(wrong(&RECEIVED.replace("\"2\"", "\"1\"")), Rejected::SignatureMismatch);
    assert_eq!(wrong(&RECEIVED.replace("\"2\"", "\"3\"")), Rejected::SignatureMalformed);
    assert_eq!(wrong(&RECEIVED.replace("\"Subject\": \"Amazon", "\"Subject\": \"Amazin")), Rejected::SignatureMismatch);
    // The members of one kind of call are not those of the other.
    assert_eq!(
        wrong(&RECEIVED.replace("\"Notification\"", "\"UnsubscribeConfirmation\"")),
        Rejected::SignatureMismatch
    );
    assert_eq!(wrong(&RECEIVED.replace("\"Notification\"", "\"Other\"")), Rejected::SignedPartMissing);
    assert_eq!(
        wrong(&CONFIRMATION.replace("Action=ConfirmSubscription", "Action=Another")),
        Rejected::SignatureMismatch
    );
    assert_eq!(wrong(&CONFIRMATION.replace("\"Token\": \"2", "\"Token\": \"3")), Rejected::SignatureMismatch);
    for nothing in ["", "{}", "[]", "x"] {
        assert!(endpoint.verdict(nothing, &[], NOW).is_err(), "{nothing}");
    }
}

#[test]
fn no_byte_that_means_anything_can_be_changed_in_a_notification() {
    let endpoint = ses("");
    let right = endpoint.normalized(RECEIVED).events;
    for position in 0..RECEIVED.len() {
        let mut body = RECEIVED.as_bytes().to_vec();
        body[position] ^= 1;
        let Ok(body) = String::from_utf8(body) else { continue };
        if endpoint.verdict(&body, &[], NOW).is_err() {
            continue;
        }
        // White space, a member nobody reads: the events are those of the call that was signed.
        let events = endpoint.normalized(&body).events;
        let envelopes =
            |events: &[connector_sdk::Event]| events.iter().map(|event| event.envelope.clone()).collect::<Vec<_>>();
        assert_eq!(envelopes(&events), envelopes(&right), "byte {position} can be changed");
    }
}

#[test]
fn amazon_has_to_know_the_token_too_where_there_is_one() {
    let endpoint = ses(&format!("secrets: {TOKEN}\n"));
    assert_eq!(endpoint.verdict(RECEIVED, &[], NOW), Err(Rejected::TokenMissing));
    assert_eq!(endpoint.verdict(RECEIVED, &[("x-kenh-token", TOKEN)], NOW), Ok(Proof::Signature));
}

/// Another made-up certificate, of a key nobody has.
const OTHER_CERTIFICATE: &str = include_str!("other.pem");

#[test]
fn a_notification_signed_with_another_certificate_is_refused() {
    let indented = OTHER_CERTIFICATE.lines().fold(String::new(), |text, line| text + "  " + line + "\n");
    let endpoint = endpoint(&format!(
        "provider: ses\ntopics: [\"arn:aws:sns:ap-southeast-1:111122223333:kenh-mail\"]\ncertificates: |\n{indented}"
    ));
    assert_eq!(endpoint.verdict(RECEIVED, &[], NOW), Err(Rejected::SignatureMismatch));
}

#[test]
fn settings_that_prove_nothing_are_refused() {
    for (yaml, wrong) in [
        ("secrets: x\n", "email.provider"),
        ("provider: nobody\n", "email.provider"),
        ("provider: postmark\n", "email.secrets"),
        ("provider: postmark\nsecrets: short\n", "email.secrets"),
        ("provider: mailgun\n", "email.secrets"),
        ("provider: mailgun\nsecrets: x\nreplay_window: soon\n", "email.replay_window"),
        ("provider: sendgrid\n", "email.secrets"),
        ("provider: sendgrid\npublic_keys: AAAA\n", "email.public_keys"),
        ("provider: ses\ntopics: arn:x\n", "email.certificates"),
        ("provider: ses\ntopics: arn:x\ncertificates: x\n", "email.certificates"),
        ("provider: mailgun\nsecrets: x\nmailboxes: [nobody]\n", "email.mailboxes"),
        ("provider: mailgun\nsecrets: x\nreply_secrets: short\n", "email.reply_secrets"),
        ("provider: mailgun\nsecrets: x\nfallback_charset: ebcdic\n", "email.fallback_charset"),
        ("provider: mailgun\nsecrets: x\ncertificates: x\n", "email.certificates"),
    ] {
        assert!(faults(yaml).iter().any(|path| path == wrong), "{yaml}: {:?}", faults(yaml));
    }
    assert!(
        faults(&format!("{}topics: []\n", example("ses").replace("topics: [arn", "# [")))
            .contains(&"email.topics".into())
    );
}
