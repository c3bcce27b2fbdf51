//! Messenger: private messages to Facebook Pages, and what happens in public below their posts.

mod inbound;
mod meta;
mod samples;
mod wire;

use std::borrow::Cow;

use connector_sdk::{
    Batch, Configure, Connector, Delivery, Fresh, Handshake, Malformed, RawRequest, Registration, Rejected, Secret,
    Section, Verified,
};
use kenh_proto::v1::Envelope;

/// One Meta app: its callback URL serves every Page that subscribed it.
#[derive(Debug, Default)]
pub struct Messenger {
    app_secrets: Vec<Secret>,
    verify_token: Option<Secret>,
}

/// The channel as the catalog lists it.
pub const CONNECTOR: Registration = Registration::of::<Messenger>(
    "messenger",
    "Messenger",
    include_str!("../example.yaml"),
    samples::SAMPLES,
    Fresh { ids: &["mid", "comment_id", "leadgen_id"], times: &["time", "timestamp", "created_time", "watermark"] },
);

impl Configure for Messenger {
    fn configure(settings: &mut Section<'_>) -> Self {
        Self {
            app_secrets: settings.required_secrets("app_secrets"),
            verify_token: Some(settings.required_secret("verify_token")),
        }
    }
}

impl Connector for Messenger {
    fn verify<'a>(&self, request: RawRequest<'a>) -> Result<Verified<'a>, Rejected> {
        meta::signature::verify(request, &self.app_secrets)
    }

    fn normalize(&self, delivery: Delivery<'_>) -> Result<Batch, Malformed> {
        inbound::normalize(delivery.body)
    }

    fn whole<'a>(&self, item: &'a [u8], envelope: &Envelope) -> Cow<'a, [u8]> {
        meta::whole::whole(item, envelope, "page")
    }

    fn sign(&self, body: &[u8]) -> Vec<(&'static str, String)> {
        meta::signature::sign(body, &self.app_secrets)
    }

    fn handshake(&self, request: RawRequest<'_>) -> Handshake {
        meta::handshake::answer(&request, self.verify_token.as_ref())
    }

    fn proof_headers(&self) -> &'static [&'static str] {
        meta::signature::PROOF_HEADERS
    }
}
