//! What every documented error means. Written down from Meta's own list, apart from the connector's table.

mod common;

use std::time::Duration;

use common::{ended, endpoint, hello, person, reply, step};
use connector_sdk::outbound::{Answer, Failure, Outcome, Reply, Retry, Window};
use kenh_proto::v1::SendReason::{self, *};
use serde_json::json;

const LISTED: &[(u64, u64, SendReason, Retry)] = &[
    (1, 0, ChannelUnavailable, Retry::Soon),
    (1, 99, NotPermitted, Retry::Soon),
    (2, 0, ChannelUnavailable, Retry::Soon),
    (2, 2_018_344, NotPermitted, Retry::Never),
    (4, 0, Throttled, Retry::Soon),
    (4, 2_018_022, Throttled, Retry::Soon),
    (4, 2_018_354, Throttled, Retry::Soon),
    (9, 2_018_352, Throttled, Retry::Soon),
    (10, 0, NotPermitted, Retry::Never),
    (10, 2_018_065, WindowClosed, Retry::Never),
    (10, 2_018_278, WindowClosed, Retry::Never),
    (10, 2_534_022, WindowClosed, Retry::Never),
    (17, 0, Throttled, Retry::Soon),
    (32, 0, Throttled, Retry::Soon),
    (100, 0, ContentInvalid, Retry::Never),
    (100, 33, NotPermitted, Retry::Never),
    (100, 2_018_001, RecipientUnknown, Retry::Never),
    (100, 2_018_034, ContentInvalid, Retry::Never),
    (100, 2_018_109, ContentTooLarge, Retry::Never),
    (190, 0, AuthBroken, Retry::NewToken),
    (190, 460, AuthBroken, Retry::NewToken),
    (190, 463, AuthBroken, Retry::NewToken),
    (200, 0, NotPermitted, Retry::Never),
    (200, 1_545_041, OptedOut, Retry::Never),
    (200, 2_018_028, NotPermitted, Retry::Never),
    (230, 0, NotPermitted, Retry::Never),
    (299, 0, NotPermitted, Retry::Never),
    (368, 0, NotPermitted, Retry::Never),
    (551, 0, OptedOut, Retry::Never),
    (613, 0, Throttled, Retry::Soon),
    (1200, 0, ChannelUnavailable, Retry::Soon),
    (10900, 0, TargetInvalid, Retry::Never),
    (80001, 0, Throttled, Retry::Soon),
    (80002, 0, Throttled, Retry::Soon),
    (80006, 0, Throttled, Retry::Soon),
    (1_545_012, 0, ChannelUnavailable, Retry::Soon),
    // Nobody's: a subcode that has no line of its own, and a code.
    (190, 77, AuthBroken, Retry::NewToken),
    (4242, 0, Refused, Retry::Never),
];

fn meaning(answer: Answer) -> Outcome {
    ended(step(&*endpoint(""), &hello(), &person(), Window::Open, &[answer]))
}

fn error(code: u64, subcode: u64) -> serde_json::Value {
    json!({"error": {"message": "words of Meta's", "code": code, "error_subcode": (subcode > 0).then_some(subcode)}})
}

#[test]
fn every_listed_error_means_what_the_list_says_whatever_the_status() {
    for (code, subcode, reason, retry) in LISTED {
        for status in [200, 400, 401, 403] {
            let Outcome::Failed(failure) = meaning(reply(status, &error(*code, *subcode))) else {
                panic!("{code}/{subcode} is no failure")
            };
            let name = if *subcode > 0 { format!("{code}/{subcode}") } else { code.to_string() };
            let expected = Failure { reason: *reason, code: Some(name), retry: *retry };
            assert_eq!(failure, expected, "{code}/{subcode} with {status}");
        }
    }
}

#[test]
fn sent_all_the_same_is_neither_sent_nor_failed() {
    assert_eq!(meaning(reply(400, &error(1, 1_357_046))), Outcome::Unknown);
}

#[test]
fn codes_may_be_text_and_errors_nobody_knows_say_whether_to_wait() {
    let failed = |status, error: serde_json::Value| match meaning(reply(status, &json!({"error": error}))) {
        Outcome::Failed(failure) => (failure.reason, failure.retry),
        other @ (Outcome::Accepted(_) | Outcome::Unknown) => panic!("{other:?}"),
    };
    assert_eq!(failed(400, json!({"code": "190"})), (AuthBroken, Retry::NewToken));
    assert_eq!(failed(400, json!({"code": 4242, "is_transient": true})), (ChannelUnavailable, Retry::Soon));
    assert_eq!(failed(429, json!({"code": 4242})), (Throttled, Retry::Soon));
    assert_eq!(failed(500, json!({"code": 4242})), (ChannelUnavailable, Retry::Soon));
    assert_eq!(failed(400, json!("words")), (Refused, Retry::Never));
}

#[test]
fn what_meta_says_of_when_to_call_again_is_kept() {
    let body = error(613, 0).to_string().into();
    let wait = Duration::from_secs(60);
    let answer = Answer::Reply(Reply { status: 400, retry_after: Some(wait), body });
    let expected = Failure::passing(Throttled, Some("613".to_owned()), Retry::After(wait));
    assert_eq!(meaning(answer), expected);
}
