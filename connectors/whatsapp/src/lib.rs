//! WhatsApp Business through Meta's Cloud API: messages and what becomes of those sent, calls, and the account's affairs.
//!
//! People are known by an id within the business and, most of them, by their number too; events belong to one of the
//! business's numbers.
//! See <https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks>.

mod inbound;
mod samples;
mod whole;
mod wire;

use std::borrow::Cow;

use connector_meta::app::{App, PROOF_HEADERS};
use connector_sdk::{
    Batch, Configure, Connector, Delivery, Fresh, Handshake, Malformed, RawRequest, Registration, Rejected, Section,
    Verified,
};
use kenh_proto::v1::Envelope;

/// One Meta app: its callback URL serves every number that subscribed it.
#[derive(Debug, Default)]
pub struct WhatsApp(App);

/// The channel as the catalog lists it.
pub const CONNECTOR: Registration = Registration::of::<WhatsApp>(
    "whatsapp",
    "WhatsApp Business",
    include_str!("../example.yaml"),
    samples::SAMPLES,
    Fresh { ids: &["id:wamid.", "id:wacid."], times: &["time", "timestamp"] },
);

impl Configure for WhatsApp {
    fn configure(settings: &mut Section<'_>) -> Self {
        Self(App::configure(settings))
    }
}

impl Connector for WhatsApp {
    fn verify<'a>(&self, request: RawRequest<'a>) -> Result<Verified<'a>, Rejected> {
        self.0.verify(request)
    }

    fn normalize(&self, delivery: Delivery<'_>) -> Result<Batch, Malformed> {
        inbound::normalize(delivery.body)
    }

    fn whole<'a>(&self, item: &'a [u8], envelope: &Envelope) -> Cow<'a, [u8]> {
        whole::whole(item, envelope)
    }

    fn sign(&self, body: &[u8]) -> Vec<(&'static str, String)> {
        self.0.sign(body)
    }

    fn handshake(&self, request: RawRequest<'_>) -> Handshake {
        self.0.handshake(&request)
    }

    fn proof_headers(&self) -> &'static [&'static str] {
        PROOF_HEADERS
    }
}
