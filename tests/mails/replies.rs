//! Quotes and signatures, by what the authors of talon and `email_reply_parser` expect of their own samples.

use std::{collections::BTreeMap, fs};

use connector_email::{Arrival, Rules, events, without_quotes};
use kenh_proto::v1::{Email, envelope::Payload};
use kenh_tests::tools;

use super::corpora::files;

/// So many of a hundred must be as expected.
const FLOOR: usize = 95;

fn mail(raw: &[u8]) -> Email {
    let event = events(&Arrival::of(raw), &Rules::default()).events.remove(0);
    let Some(Payload::Message(message)) = event.envelope.payload else { panic!("no message: {:?}", event.envelope) };
    message.email.unwrap()
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect()
}

fn score(name: &str, outcomes: &[(String, bool)]) {
    let right = outcomes.iter().filter(|(_, right)| *right).count();
    for (sample, _) in outcomes.iter().filter(|(_, right)| !right) {
        println!("reply {name}: {sample} is not as expected");
    }
    println!("replies: {name}: {right} of {}", outcomes.len());
    assert!(right * 100 >= FLOOR * outcomes.len(), "{name}: {right} of {}", outcomes.len());
}

/// Its `standard_replies`: what beside a mail is named `…_reply_text` is its reply, otherwise it is one word.
#[test]
fn replies_of_talons_mail_programs() {
    let folder = tools::mails().join("talon/fixtures/standard_replies");
    let mut outcomes = Vec::new();
    for (path, raw) in files(&folder, &["eml"]) {
        let expected = fs::read_to_string(path.replace(".eml", "_reply_text")).unwrap_or_else(|_| "Hello".into());
        let reply = mail(&raw).reply_text.unwrap_or_default();
        // It leaves signatures where they are.
        let expected = without_quotes(&expected);
        outcomes.push((format!("{path}: {reply:?}"), reply.trim() == expected.trim()));
    }
    score("talon, plain text", &outcomes);
}

/// Its `html_replies`, which all hold the same reply.
#[test]
fn replies_of_talons_html_mail_programs() {
    let folder = tools::mails().join("talon/fixtures/html_replies");
    let tests = fs::read_to_string(tools::mails().join("talon/html_quotations_test.py")).unwrap();
    let check = tests.split("def extract_reply_and_check").nth(1).expect("its check");
    let expected = check.split("RE_WHITESPACE.sub('', \"").nth(1).and_then(|rest| rest.split("\")").next());
    let expected = squeezed(&expected.expect("what it expects").replace("\\n", "\n"));
    let mut outcomes = Vec::new();
    for (path, html) in files(&folder, &["html"]) {
        let head = b"From: a@example.test\nContent-Type: text/html; charset=utf-8\n\n".as_slice();
        let reply = mail(&[head, &html].concat()).reply_text.unwrap_or_default();
        outcomes.push((format!("{path}: {reply:?}"), squeezed(&reply) == expected));
    }
    score("talon, HTML", &outcomes);
}

/// What a test asserts of a reply.
#[derive(Debug)]
enum Wanted {
    Is(String),
    Has(String),
    HasNot(String),
}

#[test]
fn replies_of_email_reply_parser() {
    let folder = tools::mails().join("email-reply-parser");
    let wanted = assertions(&fs::read_to_string(folder.join("email_message_tests.rs")).unwrap());
    assert!(wanted.len() >= 10, "only {} tests are understood", wanted.len());
    let mut outcomes = Vec::new();
    for (name, wanted) in wanted {
        let text = fs::read_to_string(folder.join(format!("emails/{name}.txt"))).unwrap();
        let reply = without_quotes(&text);
        let holds = |wanted: &Wanted| match wanted {
            Wanted::Is(text) => reply.trim() == text.trim(),
            Wanted::Has(text) => reply.contains(text),
            Wanted::HasNot(text) => !reply.contains(text),
        };
        outcomes.push((format!("{name}: {reply:?}, wanted {wanted:?}"), wanted.iter().all(holds)));
    }
    score("email_reply_parser", &outcomes);
}

/// The assertions of its tests about replies, by the sample they are of: those of the reply itself, and of the first
/// fragment, which is always shown.
fn assertions(tests: &str) -> BTreeMap<String, Vec<Wanted>> {
    let mut found = BTreeMap::<String, Vec<Wanted>>::new();
    for test in tests.split("#[test]").skip(1) {
        let code: String =
            test.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join(" ");
        let name = code.split("get_email(\"").nth(1).or_else(|| code.split("tests/emails/").nth(1));
        let Some(name) = name.and_then(|rest| rest.split(['"', '.']).next()) else { continue };
        for statement in code.split(';').map(str::trim) {
            let Some(text) = statement.split('"').nth(1).map(Into::into) else { continue };
            let is_of_reply = statement.contains("reply") || statement.contains("fragments[0].content");
            let wanted = match statement.split('(').next() {
                Some("assert_eq!") if is_of_reply => Wanted::Is(text),
                Some("assert!") if statement.starts_with("assert!(!") && is_of_reply => Wanted::HasNot(text),
                Some("assert!") if is_of_reply => Wanted::Has(text),
                _ => continue,
            };
            found.entry(name.to_owned()).or_default().push(wanted);
        }
    }
    found
}
