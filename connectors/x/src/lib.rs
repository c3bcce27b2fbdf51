//! X: the X Activity API and the older Account Activity API in; direct messages and answers to posts out.
//!
//! Both products use one webhook per app, shared by every account that authorised it; the body names the account. The
//! consumer secret signs every call and answers X's challenges, which come at set-up and about every hour.
//! See <https://docs.x.com/x-api/webhooks/introduction>.

mod challenge;
mod inbound;
mod outbound;
mod samples;
mod whole;
mod wire;

use std::borrow::Cow;

use connector_sdk::{
    Batch, Configure, Connector, Delivery, Fresh, Handshake, Malformed, RawRequest, Registration, Rejected, Secret,
    Section, Verified,
    media::{Download, Unobtainable, Wanted},
    outbound::{Answer, Outbound},
    signature::{self, Base64Header},
};
use kenh_proto::v1::Envelope;

/// The channel's entry in the catalog.
pub const CONNECTOR: Registration = Registration::of::<X>(
    "x",
    "X",
    include_str!("../example.yaml"),
    samples::SAMPLES,
    Fresh {
        ids: &["event_uuid", "id", "id_str", "last_read_event_id"],
        times: &["created_timestamp", "timestamp_ms", "created_at_msec"],
    },
);

const HEADER: Base64Header = Base64Header { name: "x-twitter-webhooks-signature", prefix: "sha256=" };

/// One app. The default has no secret: it normalizes, and refuses every request.
#[derive(Debug, Default)]
pub struct X {
    consumer_secrets: Vec<Secret>,
    sender: Option<outbound::Sender>,
}

impl Configure for X {
    fn configure(settings: &mut Section<'_>) -> Self {
        let consumer_secrets = settings.required_secrets("consumer_secrets");
        Self { consumer_secrets, sender: outbound::Sender::configure(settings) }
    }
}

impl Connector for X {
    /// A challenge is answered with what would be the signature of a body that reads like its token: no such body is taken.
    fn verify<'a>(&self, request: RawRequest<'a>) -> Result<Verified<'a>, Rejected> {
        let verified = signature::hmac_sha256(request, HEADER, &self.consumer_secrets)?;
        if challenge::is_token(request.body) { Err(Rejected::SignedPartMissing) } else { Ok(verified) }
    }

    fn normalize(&self, delivery: Delivery<'_>) -> Result<Batch, Malformed> {
        inbound::normalize(delivery.body)
    }

    fn whole<'a>(&self, item: &'a [u8], envelope: &Envelope) -> Cow<'a, [u8]> {
        whole::whole(item, envelope)
    }

    fn sign(&self, body: &[u8]) -> Vec<(&'static str, String)> {
        let secret = self.consumer_secrets.first();
        secret.map(|secret| signature::sign_hmac_sha256(body, HEADER, secret)).into_iter().collect()
    }

    fn handshake(&self, request: RawRequest<'_>) -> Handshake {
        challenge::answer(&request, self.consumer_secrets.first())
    }

    fn download(&self, wanted: &Wanted<'_>, _answers: &[Answer]) -> Download {
        match &self.sender {
            Some(sender) => sender.download(wanted),
            None if wanted.media.url.as_deref().is_some_and(outbound::is_direct) => {
                Download::Not(Unobtainable::Credentials)
            }
            None => Download::by_address(wanted.media),
        }
    }

    fn outbound(&self) -> Option<&dyn Outbound> {
        self.sender.as_ref().map(|sender| sender as &dyn Outbound)
    }

    fn proof_headers(&self) -> &'static [&'static str] {
        &[HEADER.name]
    }
}
