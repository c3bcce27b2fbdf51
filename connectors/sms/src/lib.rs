//! SMS by the web interfaces of providers, or over SMPP: messages and delivery reports in, messages out.
//!
//! A provider is a file of tables below `providers/`; everything else is the same for all of them. `README.md` says how
//! one is added.

mod clock;
mod inbound;
mod outbound;
mod proof;
mod provider;
mod providers;
mod settings;
mod smpp;
mod text;

use std::{sync::Arc, time::SystemTime};

use connector_sdk::{
    Batch, Configure, Connector, Delivery, Fresh, Malformed, RawRequest, Registration, Rejected, Section, Verified,
    media::{Download, Wanted},
    outbound::{Answer, Outbound},
    smsc::{Part, Smsc},
};

use crate::{outbound::Sender, settings::Settings};

/// The channel's entry in the catalog. Its samples are Twilio's.
pub const CONNECTOR: Registration = Registration::of::<Sms>(
    "sms",
    "SMS",
    include_str!("../example.yaml"),
    providers::TWILIO.samples,
    Fresh { ids: &["MessageSid", "SmsSid", "SmsMessageSid"], times: &[] },
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

/// One endpoint of a provider. The default knows none: it reads whatever a provider's tables know, and refuses every
/// request.
#[derive(Debug, Default)]
pub struct Sms(Option<Sender>);

impl Sms {
    fn settings(&self) -> Option<&Settings> {
        self.0.as_ref().map(|sender| &sender.0)
    }
}

impl Configure for Sms {
    fn configure(settings: &mut Section<'_>) -> Self {
        Self(Settings::read(settings).map(Sender))
    }
}

impl Connector for Sms {
    fn verify<'a>(&self, request: RawRequest<'a>) -> Result<Verified<'a>, Rejected> {
        let settings = self.settings().ok_or(Rejected::NoSecret)?;
        (settings.provider.proof.verify)(settings, request)
    }

    fn normalize(&self, delivery: Delivery<'_>) -> Result<Batch, Malformed> {
        match self.settings() {
            Some(settings) => inbound::normalize(settings, delivery),
            None => inbound::recognized(delivery.body),
        }
    }

    fn sign(&self, body: &[u8]) -> Vec<(&'static str, String)> {
        self.sign_at(body, SystemTime::UNIX_EPOCH)
    }

    fn sign_at(&self, body: &[u8], at: SystemTime) -> Vec<(&'static str, String)> {
        self.settings().map(|settings| (settings.provider.proof.sign)(settings, body, at)).unwrap_or_default()
    }

    fn delivers_by_get(&self) -> bool {
        self.settings().is_some_and(|settings| settings.provider.by_get)
    }

    fn proof_headers(&self) -> &'static [&'static str] {
        self.settings().map(|settings| settings.provider.proof.headers).unwrap_or_default()
    }

    fn download(&self, wanted: &Wanted<'_>, _answers: &[Answer]) -> Download {
        match &self.0 {
            Some(sender) => sender.download(wanted),
            None => Download::by_address(wanted.media),
        }
    }

    fn smsc(&self) -> Option<&Arc<Smsc>> {
        self.settings()?.smpp.as_ref().map(|smpp| &smpp.smsc)
    }

    fn part(&self, pdu: &[u8]) -> Option<Part> {
        smpp::part(pdu, self.settings()?.smpp.as_ref()?.dialect)
    }

    fn outbound(&self) -> Option<&dyn Outbound> {
        self.0.as_ref().filter(|sender| !sender.0.accounts.is_empty()).map(|sender| sender as &dyn Outbound)
    }
}
