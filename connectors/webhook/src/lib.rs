//! A channel from configuration alone: how calls are proven, a jq program that makes events of them, and calls that send.
//!
//! Nothing here knows a channel. `README.md` leads from nothing to a result.

mod body;
mod examples;
mod inbound;
mod jq;
mod json;
mod outbound;
pub mod proof;
mod settings;

use std::{borrow::Cow, sync::Arc, time::SystemTime};

use connector_sdk::{
    Batch, Configure, Connector, Delivery, Event, Fresh, Malformed, RawRequest, Registration, Rejected, Sample,
    Section, Verified, keys::PublishedKeys, outbound::Outbound, samples,
};
use kenh_proto::v1::Envelope;

use crate::settings::Settings;

/// The channel's entry in the catalog. Its samples are those of the program in the example settings.
pub const CONNECTOR: Registration = Registration::of::<Webhook>(
    "webhook",
    "Any webhook",
    include_str!("../example.yaml"),
    SAMPLES,
    Fresh { ids: &["id"], times: &["at"] },
);

const SAMPLES: &[Sample] = samples!["message", "messages", "delivered", "closed"];

/// One endpoint. The default knows no program: it keeps every body as it is, and refuses every request.
#[derive(Debug, Default)]
pub struct Webhook(Option<Settings>);

impl Configure for Webhook {
    fn configure(settings: &mut Section<'_>) -> Self {
        Self(Settings::read(settings))
    }
}

impl Connector for Webhook {
    fn verify<'a>(&self, request: RawRequest<'a>) -> Result<Verified<'a>, Rejected> {
        self.0.as_ref().ok_or(Rejected::NoSecret)?.proof.verify(request)
    }

    fn normalize(&self, delivery: Delivery<'_>) -> Result<Batch, Malformed> {
        match &self.0 {
            Some(settings) => settings.mapping.normalize(delivery),
            None if delivery.body.trim_ascii().is_empty() => {
                Err(Malformed { reason: "unexpected_shape", detail: "the call is empty".into() })
            }
            None => Ok(Event::unsupported(None, delivery.body, None, "not_typed", None).into()),
        }
    }

    fn whole<'a>(&self, item: &'a [u8], envelope: &Envelope) -> Cow<'a, [u8]> {
        match &self.0 {
            Some(settings) => settings.mapping.whole(item, envelope),
            None => item.into(),
        }
    }

    fn sign(&self, body: &[u8]) -> Vec<(&'static str, String)> {
        self.sign_at(body, SystemTime::UNIX_EPOCH)
    }

    fn sign_at(&self, body: &[u8], at: SystemTime) -> Vec<(&'static str, String)> {
        self.0.as_ref().map(|settings| settings.proof.sign(body, at)).unwrap_or_default()
    }

    fn delivers_by_get(&self) -> bool {
        self.0.as_ref().is_some_and(|settings| settings.by_get)
    }

    fn published_keys(&self) -> Option<&Arc<PublishedKeys>> {
        self.0.as_ref()?.proof.published_keys()
    }

    fn proof_headers(&self) -> &[&'static str] {
        self.0.as_ref().map(|settings| settings.kept_headers.as_slice()).unwrap_or_default()
    }

    fn outbound(&self) -> Option<&dyn Outbound> {
        self.0.as_ref()?.sender.as_ref().map(|sender| sender as &dyn Outbound)
    }
}
