//! Mail: what providers hand over by web calls becomes messages and receipts.
//!
//! Receiving has two halves. A provider (`providers`) proves its call and finds the raw messages in it; [`events`] turns a raw message
//! into events, wherever it came from. Mailboxes and direct delivery need the second half alone. Sending is the same for all: a
//! server that takes mail for others (`outbound`).

mod address;
mod attachment;
mod authentication;
mod automatic;
mod bounce;
mod charset;
mod compose;
mod form;
mod html;
mod inbound;
mod mail;
mod outbound;
mod provider;
mod providers;
mod reply;
mod settings;
pub mod thread;
mod tnef;

use std::{borrow::Cow, time::SystemTime};

use connector_sdk::{
    Batch, Configure, Connector, Delivery, Fresh, Malformed, RawRequest, Registration, Rejected, Section, Verified,
    mailbox::{MESSAGE_HEADER, Mailbox},
    outbound::Outbound,
    reception::Reception,
};

pub use crate::{
    charset::Fallback,
    inbound::{Arrival, Rules, enclosed, events},
    reply::without_quotes,
};
use crate::{provider::Parcel, settings::Settings};

/// The channel's entry in the catalog. Its samples are Postmark's.
pub const CONNECTOR: Registration = Registration::of::<Email>(
    "email",
    "E-mail",
    include_str!("../example.yaml"),
    providers::POSTMARK.samples,
    Fresh { ids: &["MessageID", "Value:<"], times: &[] },
);

/// The channel with each provider's own example and samples, by the name of the provider, of those that call.
pub fn providers() -> Vec<(&'static str, Registration)> {
    let registration = |provider: &&'static provider::Provider| {
        let Registration { channel, name, configure, bare, fresh, .. } = CONNECTOR;
        let (example, samples) = (provider.example, provider.samples);
        (provider.name, Registration { channel, name, configure, bare, example, samples, fresh })
    };
    let calls = |provider: &&&provider::Provider| !provider.samples.is_empty();
    providers::PROVIDERS.iter().filter(calls).map(registration).collect()
}

/// One endpoint of a provider. The default knows none: it reads whatever one of them sends, or a raw message, and refuses
/// every request.
#[derive(Debug, Default)]
pub struct Email(Option<Settings>);

impl Email {
    fn parcel<'a>(&self, body: &'a [u8]) -> Result<Parcel<'a>, Malformed> {
        match &self.0 {
            Some(settings) => (settings.provider.open)(body),
            None => providers::recognized(body),
        }
    }
}

impl Email {
    /// The rules for a mail: a mailbox of a domain that is taken whole is one of ours, as those are that are named.
    fn rules_of<'a>(&self, mail: &Arrival<'_>, rules: &'a Rules) -> Cow<'a, Rules> {
        let reception = self.0.as_ref().and_then(|settings| settings.reception.as_ref());
        let mailbox = reception.zip(mail.envelope_to.first()).and_then(|(taken, first)| taken.mailbox(first));
        match mailbox.filter(|mailbox| !rules.mailboxes.contains(mailbox)) {
            Some(mailbox) => {
                let mut rules = rules.clone();
                rules.mailboxes.insert(0, mailbox);
                Cow::Owned(rules)
            }
            None => Cow::Borrowed(rules),
        }
    }
}

impl Configure for Email {
    fn configure(settings: &mut Section<'_>) -> Self {
        Self(Settings::read(settings))
    }
}

impl Connector for Email {
    fn verify<'a>(&self, request: RawRequest<'a>) -> Result<Verified<'a>, Rejected> {
        let settings = self.0.as_ref().ok_or(Rejected::NoSecret)?;
        (settings.provider.verify)(settings, request)
    }

    fn normalize(&self, delivery: Delivery<'_>) -> Result<Batch, Malformed> {
        let Parcel { mut mails, mut batch } = self.parcel(delivery.body)?;
        if delivery.header("content-type") == Some(MESSAGE_HEADER) {
            for mail in &mut mails {
                mail.degraded.push("too_large");
            }
        }
        // A call over HTTP could bring the header of an envelope as well.
        if self.0.as_ref().is_none_or(|settings| settings.reception.is_some()) {
            for mail in &mut mails {
                providers::address(mail, delivery);
            }
        }
        let nothing = Rules::default();
        let rules = self.0.as_ref().map_or(&nothing, |settings| &settings.rules);
        for mail in &mails {
            batch.events.extend(events(mail, &self.rules_of(mail, rules)).events);
        }
        Ok(batch)
    }

    fn mailbox(&self) -> Option<&Mailbox> {
        self.0.as_ref()?.mailbox.as_ref()
    }

    fn reception(&self) -> Option<&Reception> {
        self.0.as_ref()?.reception.as_ref()
    }

    fn outbound(&self) -> Option<&dyn Outbound> {
        self.0.as_ref()?.sender.as_ref().map(|sender| sender as &dyn Outbound)
    }

    fn enclosed(&self, delivery: Delivery<'_>, provider_ref: &str) -> Option<Vec<u8>> {
        let parcel = self.parcel(delivery.body).ok()?;
        let nothing = Rules::default();
        let rules = self.0.as_ref().map_or(&nothing, |settings| &settings.rules);
        // A call holds one mail.
        enclosed(parcel.mails.first()?, rules, provider_ref)
    }

    fn sign(&self, body: &[u8]) -> Vec<(&'static str, String)> {
        self.sign_at(body, SystemTime::UNIX_EPOCH)
    }

    fn sign_at(&self, body: &[u8], at: SystemTime) -> Vec<(&'static str, String)> {
        self.0.as_ref().map(|settings| (settings.provider.sign)(settings, body, at)).unwrap_or_default()
    }

    fn proof_headers(&self) -> &'static [&'static str] {
        self.0.as_ref().map(|settings| settings.provider.headers).unwrap_or_default()
    }
}
