//! What every documented error means, in an answer and in a status. Written down from Meta's own list, apart from the
//! connector's table.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::time::Duration;

use common::{ended, endpoint, hello, person, reply, step};
use connector_sdk::outbound::{Failure, Outcome, Retry, Window};
use kenh_proto::v1::SendReason::{self, *};
use serde_json::json;

const PAIR: Retry = Retry::After(Duration::from_secs(6));
const LIMIT: Retry = Retry::After(Duration::from_secs(3600));

const LISTED: &[(u64, SendReason, Retry)] = &[
    // The token, the app, the number.
    (0, AuthBroken, Retry::NewToken),
    (190, AuthBroken, Retry::NewToken),
    (3, NotPermitted, Retry::Never),
    (10, NotPermitted, Retry::Never),
    (200, NotPermitted, Retry::Never),
    (294, NotPermitted, Retry::Never),
    (131_005, NotPermitted, Retry::Never),
    (131_045, NotPermitted, Retry::Never),
    (133_010, NotPermitted, Retry::Never),
    // Too much.
    (4, Throttled, Retry::Soon),
    (80_007, Throttled, Retry::Soon),
    (130_429, Throttled, Retry::Soon),
    (131_048, Throttled, Retry::Soon),
    (131_056, Throttled, PAIR),
    (133_016, Throttled, Retry::Soon),
    (131_064, QuotaExhausted, LIMIT),
    // Meta's own.
    (1, ChannelUnavailable, Retry::Soon),
    (2, ChannelUnavailable, Retry::Soon),
    (131_000, ChannelUnavailable, Retry::Soon),
    (131_016, ChannelUnavailable, Retry::Soon),
    (131_057, ChannelUnavailable, Retry::Soon),
    (131_053, MediaUnavailable, Retry::Soon),
    (135_000, ChannelUnavailable, Retry::Soon),
    // The window and the person.
    (131_047, WindowClosed, Retry::Never),
    (131_026, RecipientUnknown, Retry::Never),
    (131_049, Throttled, Retry::Never),
    (131_050, OptedOut, Retry::Never),
    (130_472, Refused, Retry::Never),
    (131_021, RecipientUnknown, Retry::Never),
    (131_030, RecipientUnknown, Retry::Never),
    (131_062, RecipientUnknown, Retry::Never),
    (137_000, RecipientUnknown, Retry::Never),
    // What was asked for.
    (100, ContentInvalid, Retry::Never),
    (131_008, ContentInvalid, Retry::Never),
    (131_009, ContentInvalid, Retry::Never),
    (131_051, ContentUnsupported, Retry::Never),
    (131_052, MediaUnavailable, Retry::Never),
    // Templates.
    (132_000, TemplateInvalid, Retry::Never),
    (132_001, TemplateInvalid, Retry::Never),
    (132_005, TemplateInvalid, Retry::Never),
    (132_007, ContentForbidden, Retry::Never),
    (132_008, TemplateInvalid, Retry::Never),
    (132_012, TemplateInvalid, Retry::Never),
    (132_015, TemplateInvalid, Retry::Never),
    (132_016, TemplateInvalid, Retry::Never),
    (132_068, NotPermitted, Retry::Never),
    (132_069, Throttled, Retry::Soon),
    (131_063, NotPermitted, Retry::Never),
    // The account's standing and its money.
    (368, NotPermitted, Retry::Never),
    (131_031, NotPermitted, Retry::Never),
    (131_037, NotPermitted, Retry::Never),
    (131_042, NotPermitted, Retry::Never),
    (130_497, NotPermitted, Retry::Never),
    // Nobody's.
    (199_999, Refused, Retry::Never),
];

fn meaning(status: u16, error: &serde_json::Value) -> Failure {
    let answer = reply(status, &json!({"error": error}));
    match ended(step(&*endpoint(""), &hello(), &person(), Window::Open, &[answer])) {
        Outcome::Failed(failure) => failure,
        other @ (Outcome::Accepted(_) | Outcome::Unknown) => panic!("{other:?}"),
    }
}

#[test]
fn every_listed_error_means_what_the_list_says_whatever_the_status() {
    for (code, reason, retry) in LISTED {
        for status in [200, 400, 401, 403, 404] {
            let failure = meaning(status, &json!({"message": "words of Meta's", "code": code}));
            let expected = Failure { reason: *reason, code: Some(code.to_string()), retry: *retry };
            assert_eq!(failure, expected, "{code} with {status}");
        }
    }
}

#[test]
fn a_code_means_in_a_status_what_it_means_in_an_answer() {
    let endpoint = endpoint("");
    for (code, reason, retry) in LISTED {
        let failure = endpoint.outbound().unwrap().undelivered(Some(&code.to_string()));
        assert_eq!(failure, Failure { reason: *reason, code: Some(code.to_string()), retry: *retry }, "{code}");
    }
    let nothing = endpoint.outbound().unwrap().undelivered(None);
    assert_eq!(nothing, Failure { reason: Refused, code: None, retry: Retry::Never });
}

#[test]
fn an_error_without_a_code_is_no_dead_token() {
    let words = meaning(400, &json!("words"));
    assert_eq!(words, Failure { reason: Refused, code: None, retry: Retry::Never });
    let busy = meaning(503, &json!({"message": "words"}));
    assert_eq!((busy.reason, busy.retry), (ChannelUnavailable, Retry::Soon));
}
