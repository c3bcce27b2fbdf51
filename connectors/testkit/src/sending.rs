//! Goldens of the sending half: what is asked for, what the channel answers, and the calls that are made.
//!
//! `fixtures/send/<name>.json` holds `action` (an `OutboundAction`), `to` (a `Destination`), `account`, and where they
//! matter `role`, `purpose`, `window` (`open`, `human_only`, `closed`; else unknown), `strict`, `options`, `conversation`,
//! `answered` (an `Email`), `reply_token`, `reply_address`, `now` (seconds after 1970); and `answers`, which the steps get one after the
//! other: `{"status": 200,
//! "retry_after": 3, "headers": {"name": "value"}, "body": …}`, `{"fetched": "image/png", "content": "text"}`, `"not_fetched"`
//! for good or `"not_fetched_yet"`, `"not_sent"`, `"no_reply"`.

use std::{
    collections::{BTreeMap, VecDeque},
    env, fs,
    path::Path,
    time::{Duration, SystemTime},
};

use connector_sdk::{
    Registration, Secret,
    outbound::{Answer, Body, Call, Order, Outbound, Outcome, Reply, Sending, Step, To, Window},
};
use kenh_proto::v1::{self, OutboundAction, SendPurpose, SenderRole, destination};
use serde_json::{Value, json};

use crate::configured;

/// Compares the plan, the calls and the outcome of every fixture in `fixtures/send` with the `.golden` beside it, at an
/// endpoint of the example settings. `KENH_GOLDEN=write` writes them instead.
///
/// # Panics
/// When something differs, a fixture is not right, or answers are left over.
pub fn sending(registration: &Registration, fixtures: &Path) {
    let connector = configured(registration, "");
    let outbound = connector.outbound().expect("the example settings configure sending");
    let entries = fs::read_dir(fixtures.join("send")).expect("fixtures/send");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
    paths.sort();
    assert!(!paths.is_empty(), "{} has no fixtures of sending", registration.channel);
    let mut wrong = Vec::new();
    for path in paths {
        let fixture = serde_json::from_str(&fs::read_to_string(&path).expect("readable")).expect("JSON");
        let actual = format!("{:#}\n", played(outbound, &fixture));
        let golden = path.with_extension("golden");
        if env::var_os("KENH_GOLDEN").is_some_and(|value| value == "write") {
            fs::write(&golden, actual).expect("a writable golden");
        } else if fs::read_to_string(&golden).unwrap_or_default() != actual {
            wrong.push(golden.display().to_string());
        }
    }
    assert!(wrong.is_empty(), "differs from its golden; `make golden`, then read the diff: {wrong:#?}");
}

/// The moment of a fixture that names none: 2026-03-03 10:00 in UTC.
const NOW: u64 = 1_772_532_000;

pub(crate) fn played(outbound: &dyn Outbound, fixture: &Value) -> Value {
    let text = |name: &str| fixture.get(name).and_then(Value::as_str);
    let action: OutboundAction =
        kenh_proto::from_json("OutboundAction", &fixture["action"].to_string()).expect("an OutboundAction");
    let what = action.what.expect("an action that does something");
    let to = to(&fixture["to"]);
    let role = text("role").map_or(SenderRole::Bot, |name| SenderRole::from_str_name(name).expect("a SenderRole"));
    let purpose =
        text("purpose").map_or(SendPurpose::Reply, |name| SendPurpose::from_str_name(name).expect("a SendPurpose"));
    let options: BTreeMap<String, String> =
        serde_json::from_value(fixture.get("options").cloned().unwrap_or_else(|| json!({}))).expect("options");
    let strict = fixture.get("strict").and_then(Value::as_bool).unwrap_or(false);
    let window = match text("window") {
        None => Window::Unknown,
        Some("open") => Window::Open,
        Some("human_only") => Window::HumanOnly,
        Some("closed") => Window::Closed,
        Some(other) => panic!("{other} is no window"),
    };
    let conversation = text("conversation");
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(fixture.get("now").and_then(Value::as_u64).unwrap_or(NOW));
    let answered = fixture
        .get("answered")
        .map(|email| kenh_proto::from_json::<v1::Email>("Email", &email.to_string()).expect("an Email"));
    let answered = answered.as_ref();
    let options = &options;
    let order = Order { what: &what, to: &to, role, purpose, window, strict, options, conversation, answered, now };
    let planned = match outbound.plan(&order) {
        Ok(planned) => planned,
        Err(refusal) => return json!({"refused": refusal.reason.as_str_name(), "advice": refusal.advice}),
    };
    let account = text("account").expect("an account");
    let given = fixture["answers"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut answers: VecDeque<Answer> = given.iter().map(|given| answer(outbound, given, now)).collect();
    let token = Secret::from("EXAMPLE-TOKEN");
    let mut pieces = Vec::new();
    for (index, what) in planned.pieces.iter().enumerate() {
        let reference = format!("0190c0de-0000-7000-8000-000000000001.{index}");
        let sending = Sending {
            what,
            to: &to,
            account,
            role,
            purpose,
            window,
            options,
            conversation,
            answered,
            reference: &reference,
            piece: (u32::try_from(index).expect("few"), u32::try_from(planned.pieces.len()).expect("few")),
            reply_token: text("reply_token"),
            reply_address: text("reply_address"),
            token: &token,
            now,
        };
        pieces.push(steps(outbound, &sending, &mut answers));
    }
    assert!(answers.is_empty(), "{} answers are left over: the calls made were fewer", answers.len());
    let parts: Vec<Value> = planned.parts.iter().map(|part| readable("PartPlan", part)).collect();
    let mut shown = json!({"needs_window": outbound.needs_window(&order), "parts": parts, "pieces": pieces});
    let segments: Vec<Value> = planned.segmentation.iter().map(|cut| readable("Segmentation", cut)).collect();
    if let Some(shown) = shown.as_object_mut().filter(|_| !segments.is_empty()) {
        shown.insert("segmentation".into(), segments.into());
    }
    shown
}

fn steps(outbound: &dyn Outbound, sending: &Sending<'_>, answers: &mut VecDeque<Answer>) -> Value {
    let mut steps = Vec::new();
    let mut so_far = Vec::new();
    loop {
        match outbound.step(sending, &so_far) {
            Step::Call(call) => steps.push(described(&call)),
            Step::Fetch { url, max_bytes } => steps.push(json!({"fetch": url, "max_bytes": max_bytes})),
            Step::Mail(mail) => steps.push(json!({
                "mail": mail.submission.address(),
                "sender": mail.sender,
                "recipients": mail.recipients,
                "message": String::from_utf8_lossy(&mail.message).lines().collect::<Vec<_>>(),
            })),
            Step::ShortMessage(message) => steps.push(json!({
                "smpp": message.smsc.address(),
                "pdu": format!("{:x}", message.pdu),
            })),
            Step::Done(outcome) => {
                steps.push(ended(&outcome));
                return Value::Array(steps);
            }
        }
        assert!(so_far.len() < 16, "a piece takes too many steps");
        let Some(answer) = answers.pop_front() else {
            steps.push("no answer given".into());
            return Value::Array(steps);
        };
        so_far.push(answer);
    }
}

fn described(call: &Call) -> Value {
    let body = described_body(&call.body);
    let headers: Vec<_> = call.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    json!({
        "call": format!("{} {}", format!("{:?}", call.method).to_uppercase(), call.url),
        "headers": headers,
        "body": body,
        "effect": format!("{:?}", call.effect),
    })
}

fn described_body(body: &Body) -> Value {
    match body {
        Body::None => Value::Null,
        Body::Json(json) => json.clone(),
        Body::Form(fields) => {
            json!({"form": fields.iter().map(|(name, value)| json!([name, value])).collect::<Vec<_>>()})
        }
        Body::Multipart { fields, name, file } => json!({
            "multipart": fields.iter().map(|(name, value)| json!([name, value])).collect::<Vec<_>>(),
            "file": {"field": name, "name": file.name, "mime": file.mime, "size": file.bytes.len()},
        }),
        Body::TokenIn(members, body) => json!({"token_in": members, "body": described_body(body)}),
    }
}

fn ended(outcome: &Outcome) -> Value {
    match outcome {
        Outcome::Accepted(accepted) => json!({"accepted": accepted.ids, "notes": accepted.notes}),
        Outcome::Failed(failure) => json!({
            "failed": failure.reason.as_str_name(),
            "code": failure.code,
            "retry": format!("{:?}", failure.retry),
        }),
        Outcome::Unknown => json!("unknown"),
    }
}

fn answer(outbound: &dyn Outbound, given: &Value, now: SystemTime) -> Answer {
    match given.as_str() {
        Some("not_sent") => return Answer::NotSent,
        Some("no_reply") => return Answer::NoReply,
        Some("not_fetched") => return Answer::NotFetched { retryable: false },
        Some("not_fetched_yet") => return Answer::NotFetched { retryable: true },
        Some(other) => panic!("{other} is no answer"),
        None => {}
    }
    if let Some(mime) = given.get("fetched") {
        let bytes = given.get("content").and_then(Value::as_str).unwrap_or("file").to_owned();
        return Answer::Fetched { mime: mime.as_str().map(Into::into), bytes: bytes.into() };
    }
    let body = given["body"].as_str().map_or_else(|| given["body"].to_string(), ToOwned::to_owned);
    let stated = given.get("retry_after").and_then(Value::as_u64).map(Duration::from_secs);
    let headers = given.get("headers").and_then(Value::as_object).into_iter().flatten();
    let paused =
        headers.filter_map(|(name, value)| outbound.pause(name, value.as_str().expect("a header's text"), now));
    Answer::Reply(Reply {
        status: given["status"].as_u64().and_then(|status| status.try_into().ok()).expect("a status"),
        retry_after: stated.into_iter().chain(paused).max(),
        body: body.into(),
    })
}

fn to(given: &Value) -> To {
    if given.is_null() {
        return To::Account;
    }
    let destination: v1::Destination = kenh_proto::from_json("Destination", &given.to_string()).expect("a Destination");
    match destination.to.expect("an address") {
        destination::To::Contact(identity) => To::Contact { scheme: identity.scheme, value: identity.value },
        destination::To::Group(group) => To::Group(group),
        destination::To::Comment(comment) => To::Comment(comment),
        destination::To::Post(post) => To::Post(post),
        destination::To::ConversationId(_) => panic!("the kit knows no conversations"),
    }
}

fn readable<M: prost::Message>(name: &str, message: &M) -> Value {
    let json = kenh_proto::to_json(name, message).expect("it has a JSON form");
    serde_json::from_str(&json).expect("its JSON form is JSON")
}
