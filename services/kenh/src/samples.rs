//! Samples of the channels, made new so that each one sent is an event of its own.

use std::collections::HashMap;

use connector_catalog::CONNECTORS;
use connector_sdk::{Connector, Fresh, Registration, Sample};
use kenh_runtime::clock;
use serde_json::Value;
use uuid::Uuid;

use crate::failure::Failure;

/// The channel of that name, or which there are.
pub(crate) fn registration(channel: &str) -> Result<&'static Registration, Failure> {
    connector_catalog::find(channel).ok_or_else(|| {
        let known: Vec<_> = CONNECTORS.iter().map(|registration| registration.channel).collect();
        Failure::usage(format!("there is no channel {channel}; there are: {}", known.join(", ")))
    })
}

/// The sample's body with new ids and the time now.
pub(crate) fn renewed(sample: &Sample, fresh: Fresh) -> String {
    let Ok(mut body) = serde_json::from_str::<Value>(sample.body) else { return sample.body.into() };
    let now = u64::try_from(clock::micros(clock::now()) / 1000).unwrap_or_default();
    Renewal { fresh, now, ids: HashMap::new() }.renew(&mut body);
    body.to_string()
}

struct Renewal {
    fresh: Fresh,
    now: u64,
    ids: HashMap<String, String>,
}

impl Renewal {
    fn renew(&mut self, value: &mut Value) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    if self.fresh.ids.contains(&name.as_str()) {
                        self.renew_ids(member);
                    } else if self.fresh.times.contains(&name.as_str()) {
                        self.renew_time(member);
                    } else {
                        self.renew(member);
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.renew(item)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    /// Equal ids become equal ones, of the same length, so that what points at a message still does.
    fn renew_ids(&mut self, value: &mut Value) {
        match value {
            Value::String(id) => {
                let digits = || format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
                let new =
                    self.ids.entry(id.clone()).or_insert_with(|| digits().chars().take(id.len().min(64)).collect());
                id.clone_from(new);
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.renew_ids(item)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {}
        }
    }

    /// Seconds stay seconds and text stays text.
    fn renew_time(&self, value: &mut Value) {
        let seconds = |old: u64| old < 100_000_000_000;
        match value {
            Value::Number(old) => {
                let now = if old.as_u64().is_some_and(seconds) { self.now / 1000 } else { self.now };
                *value = now.into();
            }
            Value::String(old) => {
                let now = if old.parse().is_ok_and(seconds) { self.now / 1000 } else { self.now };
                *old = now.to_string();
            }
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {}
        }
    }
}

/// Posts a body as the channel would; the status of the answer.
pub(crate) async fn post(
    client: &reqwest::Client,
    url: &str,
    connector: &dyn Connector,
    sample: &Sample,
    body: String,
) -> Result<reqwest::StatusCode, reqwest::Error> {
    let mut call = client.post(url).header("content-type", "application/json");
    for (name, value) in sample.headers {
        call = call.header(*name, *value);
    }
    for (name, value) in connector.sign_at(body.as_bytes(), clock::now()) {
        call = call.header(name, value);
    }
    Ok(call.body(body).send().await?.status())
}
