//! Goldens: what each sample becomes, written down for a reviewer to read.

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
};

use connector_sdk::{Connector, Delivery, Registration};
use http::HeaderMap;
use serde_json::{Value, json};

use crate::configured;

/// Compares what every fixture becomes at an endpoint of the example settings with the `.golden` beside it. `KENH_GOLDEN=write` writes them instead.
///
/// `fixtures/*.json`, `*.form` and `*.multipart` are the registration's samples, no more and no less; `fixtures/odd` holds bodies a channel
/// should not send and may.
///
/// # Panics
/// When something differs, or a fixture or golden is missing or left over.
pub fn golden(registration: &Registration, fixtures: &Path) {
    let connector = configured(registration, "");
    let files = names(fixtures);
    let samples: BTreeSet<_> = registration.samples.iter().map(|sample| sample.name.to_owned()).collect();
    assert_eq!(files, samples, "the samples of {} and its fixtures differ", registration.channel);
    let mut wrong = Vec::new();
    for sample in registration.samples {
        let named = |(name, value): &(&'static str, &'static str)| {
            Some((name.to_lowercase().parse().ok()?, value.parse().ok()?))
        };
        let headers: HeaderMap = sample.headers.iter().filter_map(named).collect();
        compare(&*connector, &fixtures.join(sample.name), &headers, &mut wrong);
    }
    let odd = fixtures.join("odd");
    for name in names(&odd) {
        compare(&*connector, &odd.join(name), &HeaderMap::new(), &mut wrong);
    }
    assert!(wrong.is_empty(), "differs from its golden; `make golden`, then read the diff: {wrong:#?}");
}

fn compare(connector: &dyn Connector, fixture: &Path, headers: &HeaderMap, wrong: &mut Vec<String>) {
    let body = ENDINGS.iter().find_map(|ending| fs::read(fixture.with_extension(ending)).ok());
    let body = body.expect("a readable fixture");
    let actual = format!("{:#}\n", outcome(connector, headers, &body));
    let golden = fixture.with_extension("golden");
    if env::var_os("KENH_GOLDEN").is_some_and(|value| value == "write") {
        fs::write(&golden, actual).expect("a writable golden");
    } else if fs::read_to_string(&golden).unwrap_or_default() != actual {
        wrong.push(golden.display().to_string());
    }
}

fn outcome(connector: &dyn Connector, headers: &HeaderMap, body: &[u8]) -> Value {
    match connector.normalize(Delivery { headers, body }) {
        Ok(batch) => json!({
            "events": batch.events.iter().map(|event| readable(&event.envelope)).collect::<Vec<_>>(),
            "skipped": batch.skipped.iter().map(|skipped| skipped.reason).collect::<Vec<_>>(),
        }),
        Err(malformed) => json!({ "malformed": malformed.to_string() }),
    }
}

fn readable(envelope: &kenh_proto::v1::Envelope) -> Value {
    let json = kenh_proto::envelope_to_json(envelope).expect("an envelope has a JSON form");
    serde_json::from_str(&json).expect("its JSON form is JSON")
}

/// What bodies are written in.
const ENDINGS: [&str; 3] = ["json", "form", "multipart"];

fn names(folder: &Path) -> BTreeSet<String> {
    let Ok(entries) = fs::read_dir(folder) else { return BTreeSet::new() };
    let paths = entries.map(|entry| entry.expect("a readable folder").path());
    let is_body = |path: &PathBuf| path.extension().is_some_and(|found| ENDINGS.iter().any(|ending| found == *ending));
    paths.filter(is_body).filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect()
}
