//! What a program gives, and what becomes of it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod common;

use connector_sdk::{Connector, Delivery, Section, settings};
use connector_webhook::CONNECTOR;
use http::HeaderMap;
use kenh_proto::v1::{Envelope, envelope::Payload};
use serde_json::{Value, json};

use common::{TOKEN, endpoint, faults, faults_of, kinds};

/// The one event of a program on an empty body, as JSON.
fn event(program: &str) -> Value {
    let mut batch = endpoint(program, "").normalized("{}");
    assert_eq!(batch.events.len(), 1, "{program}: {:?}", kinds(&batch));
    let envelope: Envelope = batch.events.remove(0).envelope;
    serde_json::from_str(&kenh_proto::envelope_to_json(&envelope).unwrap()).unwrap()
}

/// Everything of `expected` is in what was found.
fn holds(expected: &Value, found: &Value) -> bool {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            expected.iter().all(|(name, value)| found.get(name).is_some_and(|found| holds(value, found)))
        }
        (Value::Array(expected), Value::Array(found)) => {
            expected.len() == found.len() && expected.iter().zip(found).all(|(value, found)| holds(value, found))
        }
        (expected, found) => expected == found,
    }
}

#[test]
fn every_kind_is_reached_by_its_word() {
    for (given, expected) in [
        (
            r#"kind: "message", text: "hi", reply_to: 5"#,
            json!({"message": {"text": {"body": "hi"}, "quoted": {"providerMessageId": "5"}}}),
        ),
        (
            r#"kind: "message", media: [{kind: "image", url: "https://a.example.test/p"}]"#,
            json!({"message": {"parts": [{"media": {"kind": "MEDIA_KIND_IMAGE"}}]}}),
        ),
        (
            r#"kind: "message_edited", text: "ho", target: {message_id: "1"}"#,
            json!({"messageEdited": {"text": {"body": "ho"}}, "target": {"providerMessageId": "1"}}),
        ),
        (r#"kind: "message_deleted""#, json!({"messageDeleted": {}})),
        (
            r#"kind: "reaction", payload: {action: "added", emoji: "👍"}"#,
            json!({"reaction": {"action": "REACTION_ACTION_ADDED", "emoji": "👍"}}),
        ),
        (
            r#"kind: "receipt", payload: {status: "read"}"#,
            json!({"receipt": {"status": "RECEIPT_STATUS_READ"}, "direction": "DIRECTION_SYSTEM"}),
        ),
        (
            r#"kind: "receipt", payload: {status: "RECEIPT_STATUS_READ"}"#,
            json!({"receipt": {"status": "RECEIPT_STATUS_READ"}}),
        ),
        (r#"kind: "typing", payload: {active: true}"#, json!({"typing": {"active": true}})),
        (
            r#"kind: "action", payload: {kind: "postback", payload: "BUY"}"#,
            json!({"action": {"kind": "ACTION_KIND_POSTBACK", "payload": "BUY"}}),
        ),
        (
            r#"kind: "comment", text: "nice", payload: {action: "added", commentId: "c"}"#,
            json!({"comment": {"action": "COMMENT_ACTION_ADDED", "commentId": "c"}}),
        ),
        (
            r#"kind: "subscription_change", payload: {action: "opted_out"}"#,
            json!({"subscriptionChange": {"action": "SUBSCRIPTION_ACTION_OPTED_OUT"}}),
        ),
        (
            r#"kind: "conversation_event", payload: {action: "ended"}"#,
            json!({"conversationEvent": {"action": "CONVERSATION_ACTION_ENDED"}}),
        ),
        (
            r#"kind: "control_event", payload: {action: "taken"}"#,
            json!({"controlEvent": {"action": "CONTROL_ACTION_TAKEN"}}),
        ),
        (
            r#"kind: "call_event", payload: {action: "missed", durationMs: "5"}"#,
            json!({"callEvent": {"action": "CALL_ACTION_MISSED"}}),
        ),
        (r#"kind: "contact_update", payload: {tagsAdded: ["vip"]}"#, json!({"contactUpdate": {"tagsAdded": ["vip"]}})),
        (
            r#"kind: "feedback", payload: {kind: "csat", score: 4}"#,
            json!({"feedback": {"kind": "FEEDBACK_KIND_CSAT", "score": 4.0}}),
        ),
        (
            r#"kind: "account_event", payload: {kind: "quota"}"#,
            json!({"accountEvent": {"kind": "ACCOUNT_EVENT_KIND_QUOTA"}}),
        ),
    ] {
        let found = event(&format!(r#"{{key: "k", contact: {{id: 7}}, {given}}}"#));
        assert!(holds(&expected, &found), "{given}: {found:#}");
        assert_eq!(found["dedupeKey"], "k");
        assert_eq!(found["conversation"]["externalId"], "7");
    }
}

#[test]
fn what_is_no_event_is_kept_with_the_reason_and_without_words() {
    for (given, told) in [
        ("5", "expected an object"),
        ("\"secret words\"", "expected an object"),
        ("{}", "kind: missing"),
        ("{kind: \"massage\", text: \"secret words\"}", "kind: expected one of those README.md lists"),
        ("{kind: \"message\", text: \"secret words\", contakt: {id: 1}}", "expected one of"),
        ("{kind: \"message\", text: \"secret words\"}", "contact: missing"),
        ("{kind: \"message\", contact: {id: 1}}", "text: missing"),
        ("{kind: \"message\", contact: {id: \"\"}, text: \"secret words\"}", "contact.id: missing"),
        ("{kind: \"message\", contact: {id: 1}, text: [\"secret words\"]}", "expected"),
        ("{kind: \"message\", contact: {id: 1}, text: \"x\", direction: \"secret words\"}", "direction: expected"),
        ("{kind: \"message\", contact: {id: 1}, text: \"x\", format: \"secret words\"}", "format: expected"),
        (
            "{kind: \"message\", contact: {id: 1}, media: [{kind: \"image\", url: \"javascript:secret words\"}]}",
            "media.url",
        ),
        ("{kind: \"receipt\", contact: {id: 1}, text: \"secret words\"}", "text: only of"),
        ("{kind: \"receipt\", contact: {id: 1}, payload: {status: \"secret words\"}}", "payload: expected a Receipt"),
        ("{kind: \"receipt\", contact: {id: 1}, payload: [\"secret words\"]}", "payload: expected a Receipt"),
        (
            "{kind: \"message\", contact: {id: 1}, conversation: {id: 1, kind: \"secret words\"}, text: \"x\"}",
            "conversation.kind",
        ),
        ("{kind: \"message\", contact: {id: 1}, actor: {role: \"secret words\"}, text: \"x\"}", "actor.role"),
        ("{kind: \"message\", contact: {id: (0 / 0)}, text: \"secret words\"}", "not JSON"),
    ] {
        let found = event(given);
        assert_eq!(found["unsupported"]["reason"], "mapping_shape", "{given}: {found:#}");
        let detail = found["unsupported"]["detail"].as_str().unwrap();
        assert!(detail.contains(told) && !detail.contains("secret"), "{given}: {detail}");
        assert_eq!(found["account"]["externalId"], "a");
    }
    let named = event("{kind: \"unsupported\", type: \"ticket.merged\", key: \"9\"}");
    assert_eq!((&named["unsupported"]["providerType"], &named["dedupeKey"]), (&json!("ticket.merged"), &json!("9")));
    let words = event("{kind: \"unsupported\", type: \"what somebody wrote\"}");
    assert_eq!(words["unsupported"]["providerType"], Value::Null);
}

#[test]
fn nothing_is_skipped_and_a_bad_one_costs_no_other() {
    let good = |n: u32| format!("{{kind: \"message\", contact: {{id: {n}}}, text: \"x\"}}");
    let several = format!("{}, [{}, 5, null, {}]", good(1), good(2), good(3));
    let batch = endpoint(&several, "").normalized("{}");
    assert_eq!(kinds(&batch), ["message", "message", "unsupported mapping_shape", "message"]);
    for nothing in ["empty", "null", "[]", "[null]"] {
        assert_eq!(kinds(&endpoint(nothing, "").normalized("{}")), ["skipped no_event"], "{nothing}");
    }
    // The same again is one event, as a repeat would be.
    assert_eq!(kinds(&endpoint(&format!("{0}, {0}", good(1)), "").normalized("{}")), ["message"]);
}

#[test]
fn what_one_call_may_hold_is_bounded() {
    let many = "range(5000) | {kind: \"message\", contact: {id: .}, text: \"x\"}";
    let batch = endpoint(many, "").normalized("{}");
    assert_eq!(batch.events.len(), 1001);
    assert_eq!(kinds(&batch).last().map(String::as_str), Some("unsupported too_many_events"));
    // Nor does it help to give the same again and again.
    let same = endpoint("range(1e9) | $body", "").normalized("[{}]");
    assert_eq!(kinds(&same), ["unsupported mapping_shape", "unsupported too_many_events"]);
    let large = format!("[{}1]", "1,".repeat(200_000));
    let batch = endpoint("range(1e9) | {kind: \"unsupported\", type: $body}", "").normalized(&large);
    assert_eq!(kinds(&batch), ["unsupported mapping_shape", "unsupported mapping_bound"]);
    // Each would carry the whole of a large call.
    let body = format!("\"{}\"", "x".repeat(1 << 20));
    let batch = endpoint("range(100) | {kind: \"message\", contact: {id: .}, text: \"x\"}", "").normalized(&body);
    assert_eq!(batch.events.len(), 64);
    assert_eq!(kinds(&batch).last().map(String::as_str), Some("unsupported too_many_events"));
    assert_eq!(batch.events[63].raw, body.as_bytes());
}

#[test]
fn programs_see_allowed_headers_the_whole_body_and_the_account() {
    let program = "{kind: \"message\", contact: {id: .id}, text: \"\\($headers) \\($body.of) \\($account)\"}";
    let yaml = common::settings(program, "items: .list[]\nheaders: [X-Event]\n");
    assert_eq!(faults_of(&yaml), Vec::<String>::new());
    let connector = configured(&yaml);
    let headers: HeaderMap = [("x-event", "created"), ("x-secret", "s")]
        .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
        .into_iter()
        .collect();
    let body = br#"{"of": "shop", "list": [{"id": 1}]}"#;
    let batch = connector.normalize(Delivery { headers: &headers, body }).unwrap();
    let Some(Payload::Message(message)) = &batch.events[0].envelope.payload else { panic!("a message") };
    assert_eq!(message.text.as_ref().unwrap().body, "{\"x-event\":\"created\"} shop a");
    assert_eq!(batch.events[0].raw, br#"{"id":1}"#);
}

fn configured(yaml: &str) -> Box<dyn Connector> {
    let mut faults = settings::Faults::default();
    let node = settings::parse(yaml, &mut faults);
    (CONNECTOR.configure)(&mut Section::new(&node, "webhook", &mut faults))
}

#[test]
fn an_item_on_its_own_is_read_as_it_was_among_others() {
    let program = "if .bad then error(\"x\") else {kind: \"message\", contact: {id: 1}, text: .text} end";
    let broken = configured(&common::settings(program, "items: .list[]\n"));
    let mended =
        configured(&common::settings("{kind: \"message\", contact: {id: 1}, text: .text}", "items: .list[]\n"));
    let body = br#"{"list": [{"text": "one"}, {"bad": 12345678901234567890123, "text": "two"}]}"#;
    let headers = HeaderMap::new();
    let batch = broken.normalize(Delivery { headers: &headers, body }).unwrap();
    assert_eq!(kinds(&batch), ["message", "unsupported mapping_failed"]);
    let item = &batch.events[1];
    let whole = mended.whole(&item.raw, &item.envelope).into_owned();
    let again = mended.normalize(Delivery { headers: &headers, body: &whole }).unwrap();
    assert_eq!(kinds(&again), ["message"]);
    assert_eq!(*mended.whole(&whole, &Envelope::default()), whole, "a call stays as it is");
    let still = broken.normalize(Delivery { headers: &headers, body: &whole }).unwrap();
    assert_eq!(still.events[0].envelope.dedupe_key, item.envelope.dedupe_key, "the same identity");
}

#[test]
fn forms_and_texts_are_bodies_too() {
    let of = |format: &str, program: &str, body: &str| {
        let batch = endpoint(
            &format!("{{kind: \"message\", contact: {{id: 1}}, text: ({program})}}"),
            &format!("body: {format}\n"),
        )
        .normalized(body);
        let Some(Payload::Message(message)) = batch.events[0].envelope.payload.clone() else {
            panic!("{:?}", kinds(&batch))
        };
        message.text.unwrap().body
    };
    assert_eq!(
        of("form", ".name + (.tag | join(\"\"))", "name=Mai+Tr%E1%BA%A7n&tag=a&tag=b"),
        "Mai Trầna".to_owned() + "b"
    );
    assert_eq!(of("form", ".payload | fromjson | .a", "payload=%7B%22a%22%3A%22x%22%7D"), "x");
    assert_eq!(of("text", ".", "just words"), "just words");
}

#[test]
fn settings_that_cannot_be_right_are_named() {
    let right = |verify: &str| format!("verify: {verify}\naccount: a\nevents: empty\n");
    let token = format!("{{scheme: token, secrets: {TOKEN}}}");
    for (yaml, told) in [
        ("{}".to_owned(), "webhook.verify.scheme: is required"),
        (format!("verify: {token}\n"), "webhook.account: is required"),
        (format!("verify: {token}\naccount: a\n"), "webhook.events: is required"),
        (right("{scheme: hmak, secrets: s}"), "webhook.verify.scheme: expected one of: hmac"),
        (right("{scheme: token, secrets: short}"), "at least 20 characters"),
        (right("{scheme: hmac, secrets: s}"), "webhook.verify.header: is required"),
        (right("{scheme: hmac, secrets: s, header: \"a b\"}"), "expected the name of a header"),
        (
            right("{scheme: hmac, secrets: s, header: x, signed: \"{body}.{timestamp}\"}"),
            "expected {body} once, at the end",
        ),
        (right("{scheme: hmac, secrets: s, header: x, signed: \"{timestamp}.{body}\"}"), "timestamp_header"),
        (right("{scheme: hmac, secrets: s, header: x, timestamp_header: t}"), "timestamp_header"),
        (right("{scheme: hmac, secrets: s, header: x, signed: \"{id}.{body}\"}"), "webhook.verify.id_header"),
        (right("{scheme: hmac, secrets: zz, secret_coding: hex, header: x}"), "webhook.verify.secrets"),
        (right("{scheme: standard_webhooks, secrets: whsec_c2hvcnQ=}"), "24 to 64 bytes"),
        (right("{scheme: ed25519, secrets: abc, header: x}"), "a public key of 32 bytes"),
        (right("{scheme: zendesk, secrets: s, tolerance: 8d}"), "expected 1s to 24h"),
        (right("{scheme: zendesk, secrets: s, tolerance: 0s}"), "expected 1s to 24h"),
        (right("{scheme: github, secrets: []}"), "webhook.verify.secrets: is required"),
        (right("{scheme: basic, secrets: s}"), "webhook.verify.user: is required"),
        (right("{scheme: jwt, secrets: s}"), "webhook.verify.algorithm: is required"),
        (right("{scheme: github, secrets: s, heder: x}"), "webhook.verify.heder: unknown"),
        (format!("{}accounts: {{a: {{token: t}}}}\n", right(&token)), "webhook.send: is required"),
        (
            format!("{}examples: [{{body: '{{}}', expect: '[1'}}]\n", right(&token)),
            "webhook.examples[0].expect: expected JSON",
        ),
        (
            format!("{}examples: [{{body: 'x', expect: '[]'}}]\n", right(&token)),
            "webhook.examples[0].body: invalid_json",
        ),
        (format!("{}examples: 5\n", right(&token)), "webhook.examples: expected a list"),
    ] {
        let faults = faults_of(&yaml);
        assert!(faults.iter().any(|fault| fault.contains(told)), "{yaml}: {faults:#?}");
    }
    for (send, told) in [
        ("{}", "send.message: is required"),
        ("{message: {url: \"http://api.example.test/x\"}}", "send.message.url: expected an https address"),
        ("{message: {url: \"https://{to}.example.test/\"}}", "send.message.url: expected an https address"),
        ("{message: {url: \"https://api.example.test{to}\"}}", "send.message.url: expected an https address"),
        ("{message: {url: \"https://a@api.example.test/\"}}", "send.message.url: expected an https address"),
        ("{message: {url: \"https://api.example.test/{text}\"}}", "{text} is none"),
        ("{message: {url: \"https://api.example.test/\", body: \"{a\"}}", "send.message.body: line 1"),
        ("{message: {url: \"https://api.example.test/\", keyed: true}}", "keyed needs {reference}"),
        ("{message: {url: \"https://api.example.test/\", headers: {X: \"{words}\"}}}", "send.message.headers"),
        ("{message: {url: \"https://api.example.test/\"}, takes: [song]}", "song is none of"),
        ("{message: {url: \"https://api.example.test/\"}, errors: {a: bad}}", "bad is none of"),
        ("{message: {url: \"https://api.example.test/\"}, success: \"$body\"}", "there is no variable $body here"),
    ] {
        let faults = faults("empty", &format!("accounts: {{a: {{token: t}}}}\nsend: {send}\n"));
        assert!(faults.iter().any(|fault| fault.contains(told)), "{send}: {faults:#?}");
    }
}
