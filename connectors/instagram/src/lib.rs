//! Instagram: private messages to professional accounts, comments and mentions.
//!
//! Two products send the same webhooks, one signed in through Facebook and one through Instagram; an account connected to
//! both may send each message twice, under one `mid`.
//! See <https://developers.facebook.com/docs/instagram-platform/webhooks>.

mod inbound;
mod outbound;
mod samples;
mod wire;

use std::borrow::Cow;

use connector_meta::{
    app::{App, PROOF_HEADERS},
    whole,
};
use connector_sdk::{
    Batch, Configure, Connector, Delivery, Fresh, Handshake, Malformed, RawRequest, Registration, Rejected, Section,
    Verified, outbound::Outbound,
};
use kenh_proto::v1::Envelope;

use self::outbound::Sender;

/// One Meta app: its callback URL serves every account that subscribed it, and it sends for those whose token it has.
#[derive(Debug, Default)]
pub struct Instagram {
    app: App,
    sender: Option<Sender>,
}

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
        let app = App::configure(settings);
        Self { sender: Sender::configure(settings, &app), app }
    }
}

impl Connector for Instagram {
    fn verify<'a>(&self, request: RawRequest<'a>) -> Result<Verified<'a>, Rejected> {
        self.app.verify(request)
    }

    fn normalize(&self, delivery: Delivery<'_>) -> Result<Batch, Malformed> {
        inbound::normalize(delivery.body)
    }

    fn whole<'a>(&self, item: &'a [u8], envelope: &Envelope) -> Cow<'a, [u8]> {
        whole::whole(item, envelope, inbound::OBJECT)
    }

    fn sign(&self, body: &[u8]) -> Vec<(&'static str, String)> {
        self.app.sign(body)
    }

    fn handshake(&self, request: RawRequest<'_>) -> Handshake {
        self.app.handshake(&request)
    }

    fn outbound(&self) -> Option<&dyn Outbound> {
        self.sender.as_ref().map(|sender| sender as &dyn Outbound)
    }

    fn proof_headers(&self) -> &'static [&'static str] {
        PROOF_HEADERS
    }
}
