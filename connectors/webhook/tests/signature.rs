//! Which calls are believed, by each scheme.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use connector_sdk::{Proof, Rejected};
use connector_testkit::Endpoint;
use connector_webhook::CONNECTOR;

use common::faults_of;

const NOW: u64 = 1_767_225_600;

fn yaml(verify: &str) -> String {
    format!("account: a\nevents: \"empty\"\nverify:\n  {}\n", verify.replace('\n', "\n  "))
}

fn endpoint(verify: &str) -> Endpoint {
    let faults = faults_of(&yaml(verify));
    assert!(faults.is_empty(), "{faults:?}");
    Endpoint::of(&CONNECTOR, &yaml(verify))
}

/// A call that is right, at the time it is right.
struct Vector {
    name: &'static str,
    verify: &'static str,
    body: &'static str,
    headers: &'static [(&'static str, &'static str)],
    /// Whether a time is signed.
    is_timed: bool,
}

const VECTORS: &[Vector] = &[
    Vector {
        name: "V1 LINE",
        verify: "scheme: hmac\nencoding: base64\nheader: X-Line-Signature\nsecrets: line-channel-secret-0001",
        body: r#"{"destination":"U00000000000000000000000000000000","events":[]}"#,
        headers: &[("X-Line-Signature", "8umRclsHV6B6iuNYWqHFoHFH+l3Ju/qn8dS/nr8+agY=")],
        is_timed: false,
    },
    Vector {
        name: "V2 Viber",
        verify: "scheme: hmac\nheader: X-Viber-Content-Signature\nsecrets: viber-token-0001",
        body: r#"{"event":"webhook","timestamp":1767225600000,"message_token":6012345678901234587}"#,
        headers: &[("X-Viber-Content-Signature", "21cd1119521c4363ff3741e3eeb4f4ec6fadf7aa97a4bc990266a184c7f49bb8")],
        is_timed: false,
    },
    Vector {
        name: "V3 Slack",
        verify: "scheme: hmac\nheader: X-Slack-Signature\nprefix: v0=\nsigned: \"v0:{timestamp}:{body}\"\n\
                 timestamp_header: X-Slack-Request-Timestamp\nsecrets: slack-signing-secret-0001",
        body: r#"{"type":"url_verification","token":"t","challenge":"c-123"}"#,
        headers: &[
            ("X-Slack-Request-Timestamp", "1767225600"),
            ("X-Slack-Signature", "v0=58e8c5ea4cdd66de374050b7fc0d6155edb248aabf432a9f1a47a78b169a7d38"),
        ],
        is_timed: true,
    },
    Vector {
        name: "V4 X CRC, as a body",
        verify: "scheme: hmac\nencoding: base64\nprefix: sha256=\nheader: s\nsecrets: x-consumer-secret-0001",
        body: "crc-token-123",
        headers: &[("s", "sha256=XgN/VU/Q1xhXKMmcX1bWmMnKub15QE0LcSk0f+c4PaU=")],
        is_timed: false,
    },
    Vector {
        name: "V5 X",
        verify: "scheme: hmac\nencoding: base64\nprefix: sha256=\nheader: x-twitter-webhooks-signature\n\
                 secrets: x-consumer-secret-0001",
        body: r#"{"data":{"event_uuid":"-1","event_type":"dm.received"}}"#,
        headers: &[("x-twitter-webhooks-signature", "sha256=EsfM+6ihaG9mke8lLJr3+ocj1lXU1RvAo8kNbc2BiF8=")],
        is_timed: false,
    },
    Vector {
        name: "V6 TikTok",
        verify: "scheme: hmac\nheader: Tiktok-Signature\nfield: s\ntimestamp_field: t\nsigned: \"{timestamp}.{body}\"\n\
                 secrets: tiktok-client-secret-0001",
        body: r#"{"event":"im_receive_msg"}"#,
        headers: &[(
            "Tiktok-Signature",
            "t=1767225600,s=84d37dfe0655cbd777da47ed40898ffe81ff643fe591a7813bdbdc123efc4054",
        )],
        is_timed: true,
    },
    Vector {
        name: "V7 LinkedIn challenge, as a body",
        verify: "scheme: hmac\nheader: s\nsecrets: li-client-secret-0001",
        body: "3f2b7c1e-0000-4000-8000-000000000001",
        headers: &[("s", "ab70b3424e9ae638571061bc0684ae321783556948919c9f1ba943deb486e10b")],
        is_timed: false,
    },
    Vector {
        name: "V8 LinkedIn",
        verify: "scheme: hmac\nheader: X-LI-Signature\nsigned: \"hmacsha256={body}\"\nsecrets: li-client-secret-0001",
        body: r#"{"type":"ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS"}"#,
        headers: &[("X-LI-Signature", "b827340e1d233aa841e8e36c36382e096ee87818a39a8c795aba95db376db026")],
        is_timed: false,
    },
    Vector {
        name: "V9 Discourse",
        verify: "scheme: hmac\nheader: X-Discourse-Event-Signature\nprefix: sha256=\nsecrets: discourse-secret-0001",
        body: r#"{"ping":"OK"}"#,
        headers: &[(
            "X-Discourse-Event-Signature",
            "sha256=350823b3266cde165d9023ad1d7d532c9c120012a748007e0c54d865999ec862",
        )],
        is_timed: false,
    },
    Vector {
        name: "V10 Standard Webhooks",
        verify: "scheme: standard_webhooks\nsecrets: whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=",
        body: r#"{"type":"demo.ping"}"#,
        headers: &[
            ("webhook-id", "msg_0001"),
            ("webhook-timestamp", "1767225600"),
            ("webhook-signature", "v1,AE4w5s+Dwx7+gKd+5nvSQX1fJad4EOF893B9vDpHdH8="),
        ],
        is_timed: true,
    },
    Vector {
        name: "V11 Standard Webhooks with a key pair",
        verify: "scheme: standard_webhooks\nsecrets: whpk_A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=",
        body: r#"{"type":"demo.ping"}"#,
        headers: &[
            ("webhook-id", "msg_0001"),
            ("webhook-timestamp", "1767225600"),
            (
                "webhook-signature",
                "v1a,pNs0hFnGdUEDnxDCPvq90PLIWdljY8aTq2vqLz0pz4JXFFGP/yRzZZXSwC5qISMfvx4zeTbYDAF8Bj4gEtRCAw==",
            ),
        ],
        is_timed: true,
    },
    Vector {
        name: "V12 GitHub",
        verify: "scheme: github\nsecrets: \"It's a Secret to Everybody\"",
        body: "Hello, World!",
        headers: &[("X-Hub-Signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")],
        is_timed: false,
    },
    Vector {
        name: "V13 Zendesk",
        verify: "scheme: zendesk\nsecrets: zendesk-secret-0001",
        body: r#"{"a":1}"#,
        headers: &[
            ("X-Zendesk-Webhook-Signature-Timestamp", "2026-01-01T00:00:00Z"),
            ("X-Zendesk-Webhook-Signature", "8MYB2HXiqH56MDUnQyBtPSwA3rlbDMALFsc23Llxsi0="),
        ],
        is_timed: true,
    },
    Vector {
        name: "V14 Discord",
        verify: "scheme: ed25519\nheader: X-Signature-Ed25519\nsigned: \"{timestamp}{body}\"\n\
                 timestamp_header: X-Signature-Timestamp\n\
                 secrets: 03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8",
        body: r#"{"type":1}"#,
        headers: &[
            ("X-Signature-Timestamp", "1767225600"),
            (
                "X-Signature-Ed25519",
                "25aa4784bff62901fdfb578701f99af3dd1d7ebd0a0de05316b3453d30c2d592ce160c002a6c878a7fae2e0dd551179e7f002c0a600c04899e3c5fd7e652d00a",
            ),
        ],
        is_timed: true,
    },
    Vector {
        name: "V15 RBM, of the decoded message",
        verify: "scheme: hmac\nhash: sha512\nencoding: base64\nheader: X-Goog-Signature\nsecrets: rbm-client-token-0001",
        body: r#"{"senderPhoneNumber":"+15550100001","messageId":"m1","text":"hi"}"#,
        headers: &[(
            "X-Goog-Signature",
            "vM+iiQUQLXWvX+QnUYr7bAYMFIzr8wIzskQocSyaOb8OdG0ofjzIpafa0doCboKCn0bYkzz49gSC6H/13cAHQA==",
        )],
        is_timed: false,
    },
    Vector {
        name: "SHA-1",
        verify: "scheme: hmac\nhash: sha1\nheader: s\nsecrets: key",
        body: "The quick brown fox jumps over the lazy dog",
        headers: &[("s", "de7c9b85b8b78aa6bc8a7a36f70a90701c9db4d9")],
        is_timed: false,
    },
];

#[test]
fn every_vector_is_believed_and_nothing_near_it() {
    for Vector { name, verify, body, headers, is_timed } in VECTORS {
        let endpoint = endpoint(verify);
        assert_eq!(endpoint.verdict(body, headers, NOW), Ok(Proof::Signature), "{name}");
        let other = format!("{body} ");
        assert_eq!(endpoint.verdict(&other, headers, NOW), Err(Rejected::SignatureMismatch), "{name}: another body");
        for (index, (header, value)) in headers.iter().enumerate() {
            let without: Vec<_> = headers.iter().copied().filter(|(name, _)| name != header).collect();
            assert!(endpoint.verdict(body, &without, NOW).is_err(), "{name}: without {header}");
            // One sign of it another one.
            let changed: String = value
                .chars()
                .rev()
                .enumerate()
                .map(|(at, sign)| match (at, sign) {
                    (4, '0') => '1',
                    (4, _) => '0',
                    (_, sign) => sign,
                })
                .collect();
            let changed: String = changed.chars().rev().collect();
            let mut wrong = headers.to_vec();
            wrong[index].1 = &changed;
            assert!(endpoint.verdict(body, &wrong, NOW).is_err(), "{name}: {header} {changed}");
            let twice: Vec<_> = headers.iter().copied().chain([(*header, *value)]).collect();
            assert!(endpoint.verdict(body, &twice, NOW).is_err(), "{name}: {header} twice");
        }
        let at = |now: u64| endpoint.verdict(body, headers, now);
        if *is_timed {
            assert_eq!(at(NOW + 300), Ok(Proof::Signature), "{name}");
            assert_eq!((at(NOW + 301), at(NOW - 301)), (Err(Rejected::Stale), Err(Rejected::Stale)), "{name}");
        } else {
            assert_eq!(at(0), Ok(Proof::Signature), "{name}");
        }
        // With another secret beside it, and without it.
        let listed = format!("{verify}, ");
        let (before, secret) = listed.split_once("secrets: ").unwrap();
        let secret = secret.trim_end_matches(", ");
        let other = if secret.starts_with("whpk_") {
            "test:other".to_owned()
        } else if secret.starts_with("whsec_") {
            secret.replace("AQID", "AQIE")
        } else if name.contains("Discord") {
            "test:other".to_owned()
        } else {
            "another".into()
        };
        let several = format!("{before}secrets: [\"{other}\", {secret}]");
        assert_eq!(self::endpoint(&several).verdict(body, headers, NOW), Ok(Proof::Signature), "{name}: rotation");
        let another = self::endpoint(&format!("{before}secrets: \"{other}\""));
        assert!(another.verdict(body, headers, NOW).is_err(), "{name}: another secret");
    }
}

#[test]
fn what_the_sheet_says_must_be_refused_is() {
    let linkedin = endpoint("scheme: hmac\nheader: s\nsigned: \"hmacsha256={body}\"\nsecrets: li-client-secret-0001");
    let body = r#"{"type":"ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS"}"#;
    let bare = "0c5287fbef3a406a81596b707fd5161eb7e12deeb78c72146680e27199ac6d0e";
    assert_eq!(linkedin.verdict(body, &[("s", bare)], NOW), Err(Rejected::SignatureMismatch));
    // The text of the secret is not the key.
    let text = "scheme: hmac\nencoding: base64\nprefix: \"v1,\"\nheader: webhook-signature\nid_header: webhook-id\n\
                timestamp_header: webhook-timestamp\nsigned: \"{id}.{timestamp}.{body}\"\n\
                secrets: whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";
    let vector = VECTORS.iter().find(|vector| vector.name.starts_with("V10")).unwrap();
    assert_eq!(endpoint(text).verdict(vector.body, vector.headers, NOW), Err(Rejected::SignatureMismatch));
    let decoded = text.replace("whsec_", "").replace("scheme: hmac", "scheme: hmac\nsecret_coding: base64");
    assert_eq!(endpoint(&decoded).verdict(vector.body, vector.headers, NOW), Ok(Proof::Signature));
}

#[test]
fn of_several_signatures_one_that_is_right_is_enough() {
    let vector = VECTORS.iter().find(|vector| vector.name.starts_with("V10")).unwrap();
    let endpoint = endpoint(vector.verify);
    let says = |signature: &str| {
        let mut headers = vector.headers.to_vec();
        headers[2].1 = signature;
        endpoint.verdict(vector.body, &headers, NOW)
    };
    let right = vector.headers[2].1;
    let wrong = right.replace("AE4w", "BE4w");
    assert_eq!(says(&format!("v9,zzz {wrong} {right}")), Ok(Proof::Signature));
    assert_eq!(says(&format!("{wrong} {wrong}")), Err(Rejected::SignatureMismatch));
    assert_eq!(says(&right.replace("v1,", "v1a,")), Err(Rejected::SignatureMismatch), "of the other version");
    assert_eq!(says(&right.replace("v1,", "v2,")), Err(Rejected::SignatureMalformed));
    assert_eq!(says(""), Err(Rejected::SignatureMalformed));
    let many = format!("{}{right}", format!("{wrong} ").repeat(16));
    assert_eq!(says(&many), Err(Rejected::SignatureMismatch), "behind sixteen others");
}

#[test]
fn the_end_of_what_is_signed_cannot_be_moved() {
    let id = |id: &'static str| {
        let vector = VECTORS.iter().find(|vector| vector.name.starts_with("V10")).unwrap();
        let mut headers = vector.headers.to_vec();
        headers[0].1 = id;
        endpoint(vector.verify).verdict(vector.body, &headers, NOW)
    };
    assert_eq!((id("msg.0001"), id("")), (Err(Rejected::SignedPartMissing), Err(Rejected::SignedPartMissing)));
    let vector = VECTORS.iter().find(|vector| vector.name.starts_with("V13")).unwrap();
    let time = |time: &'static str, body: &str| {
        endpoint(vector.verify).verdict(body, &[(vector.headers[0].0, time), vector.headers[1]], NOW)
    };
    for (moved, body) in [
        ("2026-01-01T00:00:00Z{", "\"a\":1}"),
        ("2026-01-01T00:00:00", "Z{\"a\":1}"),
        ("2026-01-01 00:00:00Z", vector.body),
        ("1767225600", vector.body),
        ("soon", vector.body),
    ] {
        assert_eq!(time(moved, body), Err(Rejected::TimestampMissing), "{moved}");
    }
    let unix = VECTORS.iter().find(|vector| vector.name.starts_with("V3")).unwrap();
    for moved in ["+1767225600", "1767225600.0", "0x695598c0", " 1767225600", ""] {
        let headers = [(unix.headers[0].0, moved), unix.headers[1]];
        assert!(endpoint(unix.verify).verdict(unix.body, &headers, NOW).is_err(), "{moved}");
    }
}

#[test]
fn what_is_signed_here_is_believed_here() {
    for verify in VECTORS.iter().map(|vector| vector.verify).chain([
        "scheme: ed25519\nencoding: base64\nheader: s\nsecrets: test:ours",
        "scheme: standard_webhooks\nsecrets: test:ours",
        "scheme: hmac\ntimestamp_format: unix_ms\ntimestamp_header: t\nsigned: \"{timestamp}{body}\"\nheader: s\nsecrets: k",
        "scheme: jwt\nalgorithm: HS256\nissuer: desk\naudience: us\nbody_claim: digest\nsecrets: k",
        "scheme: basic\nuser: desk\nsecrets: k",
        "scheme: token\nsecrets: a-token-of-twenty-characters",
        "scheme: token\nheader: X-Gitlab-Token\nsecrets: a-token-of-twenty-characters",
        "scheme: token\nheader: Authorization\nprefix: \"Bearer \"\nsecrets: a-token-of-twenty-characters",
    ]) {
        let endpoint = endpoint(verify);
        let signed = endpoint.signed("{}", NOW);
        let is_foreign_key = verify.contains("whpk_") || verify.contains("03a107");
        if is_foreign_key {
            assert!(signed.is_empty(), "{verify}");
            continue;
        }
        let headers: Vec<_> = signed.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert!(endpoint.verdict("{}", &headers, NOW).is_ok(), "{verify}: {headers:?}");
    }
}

#[test]
fn tokens_and_passwords_are_compared_whole() {
    let token = "a-token-of-twenty-characters";
    let bearer =
        endpoint("scheme: token\nheader: Authorization\nprefix: \"Bearer \"\nsecrets: a-token-of-twenty-characters");
    let says = |value: &str| bearer.verdict("{}", &[("authorization", value)], NOW);
    assert_eq!(says(&format!("Bearer {token}")), Ok(Proof::Token));
    for wrong in [token, &format!("Bearer {token}x"), &format!("bearer {token}"), "Bearer ", ""] {
        assert_eq!(says(wrong), Err(Rejected::TokenMismatch), "{wrong}");
    }
    assert_eq!(bearer.verdict("{}", &[], NOW), Err(Rejected::TokenMissing));
    // desk:k
    let basic = endpoint("scheme: basic\nuser: desk\nsecrets: [other, k]");
    let says = |value: &str| basic.verdict("{}", &[("Authorization", value)], NOW);
    assert_eq!(says("Basic ZGVzazpr"), Ok(Proof::Token));
    // desx:k, desk:, desk
    for wrong in ["Basic ZGVzeDpr", "Basic ZGVzazo=", "Basic ZGVzaw==", "Basic ?", "ZGVzazpr"] {
        assert_eq!(says(wrong), Err(Rejected::TokenMismatch), "{wrong}");
    }
}
