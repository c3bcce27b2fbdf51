//! Phone calls, as the providers that carry them tell of them: ringing, taken, missed, over, recorded.
//!
//! It listens and does not steer: no call is answered or made here. A provider is a file below `providers/` that reads its
//! events into a `Heard`; everything behind is the same for all.

mod download;
mod heard;
mod provider;
mod providers;
mod settings;

use connector_sdk::{
    Batch, Configure, Connector, Delivery, Fresh, Malformed, RawRequest, Registration, Rejected, Section, Verified,
    media::{Download, Wanted},
    outbound::Answer,
};

use crate::settings::Settings;

/// The channel's entry in the catalog. Its samples are Stringee's.
pub const CONNECTOR: Registration = Registration::of::<Voice>(
    "voice",
    "Voice",
    include_str!("../example.yaml"),
    providers::STRINGEE.samples,
    Fresh { ids: &["call_id"], times: &["timestamp_ms"] },
);

/// The channel with each provider's own example and samples, by the provider's name.
pub fn providers() -> Vec<(&'static str, Registration)> {
    let registration = |provider: &&'static provider::Provider| {
        let Registration { channel, name, configure, bare, fresh, .. } = CONNECTOR;
        let (example, samples) = (provider.example, provider.samples);
        (provider.name, Registration { channel, name, configure, bare, example, samples, fresh })
    };
    providers::PROVIDERS.iter().map(registration).collect()
}

/// One endpoint of a provider. The default knows none: it reads what any of them sends, and refuses every request.
#[derive(Debug, Default)]
pub struct Voice(Option<Settings>);

impl Configure for Voice {
    fn configure(settings: &mut Section<'_>) -> Self {
        Self(Settings::read(settings))
    }
}

impl Connector for Voice {
    fn verify<'a>(&self, request: RawRequest<'a>) -> Result<Verified<'a>, Rejected> {
        let settings = self.0.as_ref().ok_or(Rejected::NoSecret)?;
        (settings.provider.verify)(settings, request)
    }

    fn normalize(&self, delivery: Delivery<'_>) -> Result<Batch, Malformed> {
        match &self.0 {
            Some(settings) => provider::read(settings.provider, delivery.body),
            None => providers::recognized(delivery.body),
        }
    }

    fn sign(&self, body: &[u8]) -> Vec<(&'static str, String)> {
        let signed = self.0.as_ref().and_then(|settings| (settings.provider.sign)(settings, body));
        signed.into_iter().collect()
    }

    fn download(&self, wanted: &Wanted<'_>, _answers: &[Answer]) -> Download {
        download::download(self.0.as_ref(), wanted)
    }

    fn delivers_by_get(&self) -> bool {
        self.0.as_ref().is_some_and(|settings| settings.provider.by_get)
    }

    fn proof_headers(&self) -> &'static [&'static str] {
        self.0.as_ref().map(|settings| settings.provider.headers).unwrap_or_default()
    }
}
