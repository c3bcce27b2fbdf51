//! Instagram: private messages to professional accounts, comments and mentions.
//!
//! Two products send the same webhooks, one signed in through Facebook and one through Instagram; an account connected to
//! both may send each message twice, under one `mid`.
//! See <https://developers.facebook.com/docs/instagram-platform/webhooks>.

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

/// One Meta app: its callback URL serves every account that subscribed it.
#[derive(Debug, Default)]
pub struct Instagram(App);

/// The channel as the catalog lists it.
pub const CONNECTOR: Registration = Registration::of::<Instagram>(
    "instagram",
    "Instagram",
    include_str!("../example.yaml"),
    samples::SAMPLES,
    Fresh { ids: &["mid", "comment_id", "media_id", "id:1790"], times: &["time", "timestamp"] },
);

impl Configure for Instagram {
    fn configure(settings: &mut Section<'_>) -> Self {
        Self(App::configure(settings))
    }
}

impl Connector for Instagram {
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
