//! `proto/ERRORS.md`: every stable reason, with its code, whether to try again, and what to do.

use std::{collections::BTreeSet, fmt::Write as _, fs, path::Path};

use kenh_proto::v1::{ErrorReason, SendReason};
use kenh_reason::{Again, DOMAIN, Reason};
use kenh_tests::repository;
use prost_types::FileDescriptorProto;

use crate::comments::values;

const INTRODUCTION: &str = "# Errors

Made from the code by `make golden`; not edited by hand. Every error of the api is a `google.rpc.Status` whose details hold a
`google.rpc.ErrorInfo`. Its `reason` is one of those below and never changes its meaning; its `domain` is `kenh`. The text beside it
is for people and may change. `BadRequest` names a field, `RetryInfo` says how long to wait.

*Again* says whether the same call may succeed: `later`: after a while, by itself; `changed`: once something else has changed;
`never`.

An error without an `ErrorInfo` is not the gateway's: `UNAVAILABLE`, `INTERNAL`, `UNKNOWN` and `CANCELLED` come from the network
and may pass; `DEADLINE_EXCEEDED` is the client's own deadline, and what the call did is not known; `OUT_OF_RANGE` with a length is a
message larger than the receiver takes.
";

const CALLS: &str = "
## Of any call

`ErrorReason` in [API.md](API.md#errorreason).

| Reason | Code | Again | Meaning | What to do | `metadata` |
| --- | --- | --- | --- | --- | --- |
";

const SENDING: &str = "
## Of what is sent

`SendReason` in [API.md](API.md#sendreason). A call that sends is refused with it, without the prefix, when that is known at once;
otherwise it stands in `SendFailure.reason` of the message and of its `message_status` events, and `SendFailure.retryable` says whether
it was tried again. Where *Again* and that differ, that knows more.

| Reason | Code | Again | Meaning | What to do |
| --- | --- | --- | --- | --- |
";

pub(crate) fn render(files: &[FileDescriptorProto]) -> String {
    let mut out = format!("{INTRODUCTION}{CALLS}");
    for (value, meaning) in values(files, "ErrorReason").into_iter().skip(1) {
        let reason = Reason::Error(ErrorReason::from_str_name(&value).unwrap());
        let metadata: Vec<_> = reason.facts().metadata.iter().map(|key| format!("`{key}`")).collect();
        _ = writeln!(out, "{} {} |", row(reason, &meaning), metadata.join(", "));
    }
    out += SENDING;
    for (value, meaning) in values(files, "SendReason").into_iter().skip(1) {
        let reason = SendReason::from_str_name(&value).unwrap();
        _ = writeln!(out, "{}", row(Reason::Send(reason), &meaning));
    }
    out
}

fn row(reason: Reason, meaning: &str) -> String {
    let facts = reason.facts();
    let again = match facts.again {
        Again::Never => "never",
        Again::Changed => "changed",
        Again::Later => "later",
    };
    let code = format!("{:?}", facts.code);
    format!("| `{}` | `{}` | {again} | {meaning} | {} |", reason.name(), screaming(&code), facts.advice)
}

/// `NotFound` as `NOT_FOUND`.
fn screaming(camel: &str) -> String {
    let mut out = String::new();
    for letter in camel.chars() {
        if letter.is_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(letter.to_ascii_uppercase());
    }
    out
}

/// Words of the sources of services and connectors that speak of an enum, the catalogue itself left out.
fn words_beside(name: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for folder in ["services", "connectors"] {
        scan(&repository().join(folder), name, &mut found);
    }
    found
}

fn scan(folder: &Path, name: &str, found: &mut BTreeSet<String>) {
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        // The catalogue itself names them all.
        let table = ["reason/src/error.rs", "reason/src/send.rs"].iter().any(|table| path.ends_with(table));
        let of_tests = ["tests", "tests.rs"].iter().any(|name| path.ends_with(name));
        if path.is_dir() && !of_tests {
            scan(&path, name, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") && !of_tests && !table {
            let text = fs::read_to_string(&path).unwrap();
            if text.contains(name) {
                found.extend(text.split(|letter: char| !letter.is_ascii_alphanumeric()).map(str::to_owned));
            }
        }
    }
}

/// Each value from 1 on. The contract numbers them without a gap.
fn all<T>(of: impl Fn(i32) -> Option<T>) -> Vec<T> {
    (1..).map_while(of).collect()
}

#[test]
fn every_reason_of_the_catalogue_is_used_by_the_code() {
    let calls = all(|number| ErrorReason::try_from(number).ok());
    let said = words_beside("ErrorReason");
    let missing: Vec<_> = calls.iter().filter(|reason| !said.contains(&format!("{reason:?}"))).collect();
    assert!(calls.len() > 20 && missing.is_empty(), "in the contract, and no service says so: {missing:?}");

    let sending = all(|number| SendReason::try_from(number).ok());
    let said = words_beside("SendReason");
    let missing: Vec<_> = sending.iter().filter(|reason| !said.contains(&format!("{reason:?}"))).collect();
    assert!(missing.is_empty(), "in the contract, and nothing says so: {missing:?}");
}

#[test]
fn a_reason_has_one_meaning_and_something_to_do() {
    let calls = all(|number| ErrorReason::try_from(number).ok()).into_iter().map(Reason::Error);
    let sending = all(|number| SendReason::try_from(number).ok()).into_iter().map(Reason::Send);
    let mut names = BTreeSet::new();
    for reason in calls.chain(sending) {
        assert!(names.insert(reason.name()), "{} is in both lists", reason.name());
        assert!(!reason.facts().advice.is_empty() && !reason.facts().advice.ends_with('.'), "{}", reason.name());
    }
    assert_eq!(DOMAIN, "kenh", "clients compare it");
}
