//! The worked examples of `deploy/examples/webhook`: each reads, its own examples hold, and its delivery becomes its events.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use connector_sdk::{
    Connector, Delivery, Section,
    settings::{self, Faults},
};
use connector_webhook::CONNECTOR;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};

const EXAMPLES: [&str; 4] = ["form", "helpdesk", "reviews", "shop"];

fn folder(example: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/examples/webhook").join(example)
}

/// The endpoint, with a secret in place of each reference.
fn configured(yaml: &str, example: &str) -> Result<Box<dyn Connector>, Vec<String>> {
    let yaml = yaml.replace("${env:KENH_FORM_SECRET}", "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=");
    let mut faults = Faults::default();
    let node = settings::parse(&yaml, &mut faults);
    let mut connector = None;
    let mut root = Section::new(&node, "", &mut faults);
    root.section("channels", |channels| {
        channels.section("webhook", |endpoints| {
            endpoints.each(|name, _, settings| {
                assert_eq!(name, example);
                connector = Some((CONNECTOR.configure)(settings));
            });
        });
    });
    root.ignore("data_dir");
    root.finish();
    let faults: Vec<_> = faults.sorted().iter().map(ToString::to_string).collect();
    if faults.is_empty() { Ok(connector.unwrap()) } else { Err(faults) }
}

fn headers(folder: &Path) -> HeaderMap {
    let lines = fs::read_to_string(folder.join("delivery.headers")).unwrap_or_default();
    let pair = |line: &str| {
        let (name, value) = line.split_once(": ").unwrap();
        (HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap())
    };
    lines.lines().map(pair).collect()
}

#[test]
fn every_example_becomes_its_events() {
    for example in EXAMPLES {
        let folder = folder(example);
        let yaml = fs::read_to_string(folder.join("kenh.yaml")).unwrap();
        let connector = configured(&yaml, example).unwrap_or_else(|faults| panic!("{example}: {faults:#?}"));
        let body = fs::read(folder.join("delivery.json")).unwrap();
        let batch = connector.normalize(Delivery { headers: &headers(&folder), body: &body }).unwrap();
        let events: Vec<Value> = batch
            .events
            .iter()
            .map(|event| serde_json::from_str(&kenh_proto::envelope_to_json(&event.envelope).unwrap()).unwrap())
            .collect();
        let became = format!("{:#}\n", json!(events));
        let expected = folder.join("events.json");
        if env::var_os("KENH_GOLDEN").is_some_and(|value| value == "write") {
            fs::write(&expected, became).unwrap();
        } else {
            let expected = fs::read_to_string(&expected).unwrap();
            assert_eq!(became, expected, "{example}: `make golden`, then read the diff");
        }
    }
}

#[test]
fn an_example_that_does_not_hold_is_told_with_both_sides() {
    let yaml = fs::read_to_string(folder("helpdesk").join("kenh.yaml")).unwrap();
    let broken = yaml.replace("direction: \"echo\"", "direction: \"inbound\"");
    assert_ne!(broken, yaml);
    let faults = configured(&broken, "helpdesk").unwrap_err();
    let [fault] = faults.as_slice() else { panic!("{faults:?}") };
    assert!(fault.contains("channels.webhook.helpdesk.examples[1].expect"), "{fault}");
    assert!(fault.contains("events[0].direction: expected \"DIRECTION_ECHO\", found \"DIRECTION_INBOUND\""), "{fault}");
    let failing = yaml.replace("text: $comment.body", "text: ($comment.body | error(\"no text\"))");
    let faults = configured(&failing, "helpdesk").unwrap_err();
    assert!(faults[0].contains("the program said: \"no text\""), "{faults:?}");
}
