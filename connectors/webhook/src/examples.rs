//! Examples of a configuration: calls, and what they have to become. They are run whenever the configuration is read.

mod difference;

use connector_sdk::{Delivery, Event, Section};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};

use crate::{
    body,
    inbound::Mapping,
    jq::{Meter, Program},
    json,
};

/// Examples of an endpoint at most.
const MOST: usize = 64;
/// Differences that are told of one example at most.
const MOST_TOLD: usize = 5;

/// Passes over them, where there is no program to run them with.
pub(crate) fn skip<T>(settings: &mut Section<'_>) -> Option<T> {
    settings.ignore("examples");
    None
}

/// Runs each; what becomes another thing than is expected is noted at its `expect`.
pub(crate) fn run(settings: &mut Section<'_>, mapping: &Mapping) {
    let mut count = 0;
    settings.list("examples", |example| {
        count += 1;
        one(example, mapping, count <= MOST);
    });
    if count > MOST {
        settings.fault("examples", format!("expected at most {MOST} examples"));
    }
}

fn one(example: &mut Section<'_>, mapping: &Mapping, runs: bool) {
    example.text("name");
    let body = example.required_text("body");
    let headers: Option<HeaderMap> = example.named_texts("headers").into_iter().map(header).collect();
    let Some(headers) = headers else {
        example.fault("headers", "expected names and values of headers");
        example.ignore("expect");
        return;
    };
    let expected = example.required_text("expect");
    if body.is_empty() || expected.is_empty() || !runs {
        return;
    }
    let Ok(expected) = serde_json::from_str::<Value>(&expected) else {
        example.fault("expect", "expected JSON: an array of events as `kenh normalize` prints them");
        return;
    };
    let delivery = Delivery { headers: &headers, body: body.as_bytes() };
    let became = match mapping.normalize(delivery) {
        Ok(batch) => Value::Array(batch.events.iter().map(readable).collect()),
        Err(malformed) => {
            example.fault("body", malformed.to_string());
            return;
        }
    };
    let mut differences = difference::differences(&expected, &became);
    if differences.is_empty() {
        return;
    }
    let more = differences.len().saturating_sub(MOST_TOLD);
    differences.truncate(MOST_TOLD);
    if more > 0 {
        differences.push(format!("and {more} more"));
    }
    // Of an example everything may be said: its people are made up.
    differences.extend(said(mapping, delivery));
    example.fault("expect", differences.join("; "));
}

fn header((name, value): (String, String)) -> Option<(HeaderName, HeaderValue)> {
    Some((HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_str(&value).ok()?))
}

/// An event as `kenh normalize` prints it, before it is stamped.
fn readable(event: &Event) -> Value {
    let written = kenh_proto::envelope_to_json(&event.envelope).ok();
    written.and_then(|written| serde_json::from_str(&written).ok()).unwrap_or_else(|| json!({}))
}

/// What a program that failed said: `error("…")`, or what could not be done to a value.
fn said(mapping: &Mapping, delivery: Delivery<'_>) -> Option<String> {
    let (input, _) = mapping.format.read(delivery.body).ok()?;
    let variables = [body::headers(delivery, &mapping.headers), input.clone(), json::text(&mapping.account)];
    let meter = Meter::default();
    let inputs = match &mapping.items {
        None => vec![input],
        Some(items) => items.run(input, &variables, &meter).filter_map(Result::ok).collect(),
    };
    let failed = |program: &Program| inputs.iter().find_map(|input| program.failure(input.clone(), &variables, &meter));
    failed(&mapping.events).map(|said| format!("the program said: {said}"))
}
