//! How a channel introduces itself to the catalog.

use crate::{Connector, Section};

/// Reads a connector's settings. Without them it must refuse every request.
pub trait Configure: Connector + Default + Sized {
    /// Reads one endpoint's settings. Faults are collected by the section; what is returned after a fault is dropped.
    fn configure(settings: &mut Section<'_>) -> Self;
}

/// Everything the gateway knows about a channel before it is configured.
#[derive(Debug, Clone, Copy)]
pub struct Registration {
    /// The channel's slug: folder, crate, URL, routing key, metric label and configuration key.
    pub channel: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// Builds a configured endpoint.
    pub configure: fn(&mut Section<'_>) -> Box<dyn Connector>,
    /// Builds a connector that normalizes and refuses every request; for `kenh normalize --no-verify`.
    pub bare: fn() -> Box<dyn Connector>,
    /// One endpoint's settings as commented YAML, with secrets from the environment.
    pub example: &'static str,
    /// One delivery of every documented event.
    pub samples: &'static [Sample],
    /// What makes a sample new.
    pub fresh: Fresh,
}

impl Registration {
    /// Introduces a channel.
    pub const fn of<C: Configure>(
        channel: &'static str,
        name: &'static str,
        example: &'static str,
        samples: &'static [Sample],
        fresh: Fresh,
    ) -> Self {
        Self { channel, name, configure: build::<C>, bare: bare::<C>, example, samples, fresh }
    }

    /// The sample of that name.
    pub fn sample(&self, name: &str) -> Option<&'static Sample> {
        self.samples.iter().find(|sample| sample.name == name)
    }
}

fn build<C: Configure>(settings: &mut Section<'_>) -> Box<dyn Connector> {
    Box::new(C::configure(settings))
}

fn bare<C: Configure>() -> Box<dyn Connector> {
    Box::new(C::default())
}

/// A delivery as the channel documents it, with made-up people. The file is `fixtures/<name>.json`, or `.form` where
/// the channel posts a form.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// Its name, normally the channel's name of the event.
    pub name: &'static str,
    /// The body.
    pub body: &'static str,
    /// Headers it comes with, other than the signature.
    pub headers: &'static [(&'static str, &'static str)],
}

/// Members of a sample's JSON that `kenh simulate` renews, wherever they stand, so that a sample sent twice is two
/// events.
#[derive(Debug, Clone, Copy)]
pub struct Fresh {
    /// Members that identify a message: replaced by new values of the same length, equal ones by equal ones. `id:wamid.`
    /// is the member `id` where its value begins with `wamid.`, which stays.
    pub ids: &'static [&'static str],
    /// Members that hold a time, in seconds or milliseconds, as number or text: replaced by now.
    pub times: &'static [&'static str],
}

/// Lists samples by file name: `samples!["follow", "zns_delivery" with [("X-ZEvent-Server", "ZNS")]]`. A body that is
/// no JSON has another ending: `"block_actions".form`.
#[macro_export]
macro_rules! samples {
    (@body $name:literal) => { include_str!(concat!("../fixtures/", $name, ".json")) };
    (@body $name:literal $ending:ident) => { include_str!(concat!("../fixtures/", $name, ".", stringify!($ending))) };
    ($($name:literal $(. $ending:ident)? $(with $headers:expr)?),* $(,)?) => {
        &[$($crate::Sample {
            name: $name,
            body: $crate::samples!(@body $name $($ending)?),
            headers: { #[allow(unused_mut, unused_assignments, reason = "most samples have no headers")]
                { let mut headers: &'static [(&'static str, &'static str)] = &[]; $(headers = &$headers;)? headers } },
        }),*]
    };
}

/// The samples of one of a channel's providers, by file: in `src/providers/<name>.rs`,
/// `provider_samples!("plivo/": "message".form)` is `fixtures/plivo/message.form`.
#[macro_export]
macro_rules! provider_samples {
    ($folder:literal: $($name:literal . $ending:ident),* $(,)?) => {
        &[$($crate::Sample {
            name: $name,
            body: include_str!(concat!("../../fixtures/", $folder, $name, ".", stringify!($ending))),
            headers: $crate::provider_samples!(@ $ending),
        }),*]
    };
    (@ form) => { &[("Content-Type", "application/x-www-form-urlencoded")] };
    (@ multipart) => { &[("Content-Type", "multipart/form-data; boundary=xYzZY")] };
    (@ json) => { &[] };
}
