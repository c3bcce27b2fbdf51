//! The configuration file.

use std::time::Duration;

use connector_catalog::CONNECTORS;
use connector_sdk::{
    Section,
    settings::{self, Fault, Faults, Node, Origin, parse_bytes, parse_duration},
};
use kenh_intake::Endpoints;

/// Faults for each byte of the text, and without any: every section has a few settings that are required.
const MOST_FAULTS: (usize, usize) = (8, 256);

/// Whatever the text: it is read, by every reader of settings there is, the same each time, and what is wrong with it
/// is found at a line that it has.
pub fn settings(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    parse_duration(text);
    parse_bytes(text);
    let (faults, again) = (read(text), read(text));
    assert_eq!(faults, again, "the same text has other faults");
    let (each, without) = MOST_FAULTS;
    assert!(faults.len() <= each * text.len() + without, "{} faults in {} bytes", faults.len(), text.len());
    // A carriage return alone ends a line too.
    let lines = text.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']).count();
    for fault in &faults {
        assert!(!fault.message.is_empty() && !fault.to_string().is_empty());
        if let Origin::Line { line, .. } = fault.origin {
            assert!(line <= lines + 1, "a fault on line {line} of {lines}: {fault}");
        }
    }
}

fn read(text: &str) -> Vec<Fault> {
    let mut faults = Faults::default();
    let mut root = settings::parse(text, &mut faults);
    sections(&root, &mut faults);
    for registration in CONNECTORS {
        let mut section = Section::new(&root, registration.channel, &mut faults);
        let _connector = (registration.configure)(&mut section);
        section.finish();
    }
    let mut texts = 0;
    root.visit_text("", &mut |_, _, _| texts += 1);
    assert!(texts <= text.len() + 1, "{texts} texts in {} bytes", text.len());
    root.set(&["log", "partitions"], "8", &Origin::Absent);
    faults.sorted()
}

/// The sections of the file, read by those whose they are.
fn sections(root: &Node, faults: &mut Faults) {
    const DAY: Duration = Duration::from_secs(86_400);
    let mut section = Section::new(root, "", faults);
    let tenant = section.text("tenant").unwrap_or_default();
    section.duration("shutdown_grace", DAY);
    section.section("store", |store| {
        kenh_store::house::Sending::read(store);
        kenh_store::Config::read(store, "data".into())
    });
    section.section("dedupe", |dedupe| kenh_intake::DedupeConfig::read(dedupe, DAY));
    section.section("log", |log| {
        log.choice("engine", &[("embedded", 0), ("rabbitmq", 1)], 0);
        log.number("partitions", 1..=256, 8);
        log.section("rabbitmq", |broker| kenh_amqp::Config::read(broker, 8, DAY, 1 << 30));
    });
    section.section("ingress", kenh_ingress::Config::read);
    section.section("api", kenh_api::Config::read);
    section.section("telemetry", kenh_runtime::telemetry::Config::read);
    section.section("channels", |channels| {
        let mut endpoints = Endpoints::read(channels, CONNECTORS, &tenant);
        endpoints.read_family(channels, connector_catalog::PROCESS_PREFIX, connector_catalog::of_process, &tenant);
    });
    section.finish();
}
