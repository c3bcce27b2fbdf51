//! Messenger: private messages to Facebook Pages, and what happens in public below their posts.

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

/// One Meta app: its callback URL serves every Page that subscribed it, and it sends for those whose token it has.
#[derive(Debug, Default)]
pub struct Messenger {
    app: App,
    sender: Option<Sender>,
}

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
        let app = App::configure(settings);
        Self { sender: Sender::configure(settings, &app), app }
    }
}

impl Connector for Messenger {
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
