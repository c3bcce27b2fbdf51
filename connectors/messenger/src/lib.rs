//! Messenger: private messages to Facebook Pages, and what happens in public below their posts.

mod inbound;
mod samples;
mod wire;

use std::borrow::Cow;

use connector_meta::{
    app::{App, PROOF_HEADERS},
    whole,
};
use connector_sdk::{
    Batch, Configure, Connector, Delivery, Fresh, Handshake, Malformed, RawRequest, Registration, Rejected, Section,
    Verified,
};
use kenh_proto::v1::Envelope;

/// One Meta app: its callback URL serves every Page that subscribed it.
#[derive(Debug, Default)]
pub struct Messenger(App);

/// The channel as the catalog lists it.
pub const CONNECTOR: Registration = Registration::of::<Messenger>(
    "messenger",
    "Messenger",
    include_str!("../example.yaml"),
    samples::SAMPLES,
    Fresh {
        ids: &["mid", "comment_id", "leadgen_id", "post_id", "parent_id"],
        times: &["time", "timestamp", "created_time", "watermark"],
    },
);

impl Configure for Messenger {
    fn configure(settings: &mut Section<'_>) -> Self {
        Self(App::configure(settings))
    }
}

impl Connector for Messenger {
    fn verify<'a>(&self, request: RawRequest<'a>) -> Result<Verified<'a>, Rejected> {
        self.0.verify(request)
    }

    fn normalize(&self, delivery: Delivery<'_>) -> Result<Batch, Malformed> {
        inbound::normalize(delivery.body)
    }

    fn whole<'a>(&self, item: &'a [u8], envelope: &Envelope) -> Cow<'a, [u8]> {
        whole::whole(item, envelope, inbound::OBJECT)
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
