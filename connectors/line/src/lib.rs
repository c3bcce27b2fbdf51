//! LINE Official Accounts: webhooks in, messages out.
//!
//! A call holds the events of several people, or none when the console checks the address. The body names the account
//! (`destination`), so several accounts may share an address as long as they share a secret.
//! See <https://developers.line.biz/en/reference/messaging-api/#webhooks>.

mod inbound;
mod outbound;
mod samples;
mod whole;
mod wire;

use std::borrow::Cow;

use connector_sdk::{
    Batch, Configure, Connector, Delivery, Fresh, Malformed, RawRequest, Registration, Rejected, Secret, Section,
    Verified,
    media::{Download, Wanted},
    outbound::{Answer, Outbound},
    signature::{self, Base64Header},
};
use kenh_proto::v1::Envelope;

/// The channel's entry in the catalog.
pub const CONNECTOR: Registration = Registration::of::<Line>(
    "line",
    "LINE Official Account",
    include_str!("../example.yaml"),
    samples::SAMPLES,
    Fresh { ids: &["webhookEventId"], times: &["timestamp"] },
);

const HEADER: Base64Header = Base64Header { name: "X-Line-Signature", prefix: "" };

/// One Messaging API channel. The default has no secret: it normalizes, and refuses every request.
#[derive(Debug, Default)]
pub struct Line {
    channel_secrets: Vec<Secret>,
    sender: Option<outbound::Sender>,
}

impl Configure for Line {
    fn configure(settings: &mut Section<'_>) -> Self {
        let channel_secrets = settings.required_secrets("channel_secrets");
        Self { channel_secrets, sender: outbound::Sender::configure(settings) }
    }
}

impl Connector for Line {
    fn verify<'a>(&self, request: RawRequest<'a>) -> Result<Verified<'a>, Rejected> {
        signature::hmac_sha256(request, HEADER, &self.channel_secrets)
    }

    fn normalize(&self, delivery: Delivery<'_>) -> Result<Batch, Malformed> {
        inbound::normalize(delivery.body)
    }

    fn whole<'a>(&self, item: &'a [u8], envelope: &Envelope) -> Cow<'a, [u8]> {
        whole::whole(item, envelope)
    }

    fn sign(&self, body: &[u8]) -> Vec<(&'static str, String)> {
        let secret = self.channel_secrets.first();
        secret.map(|secret| signature::sign_hmac_sha256(body, HEADER, secret)).into_iter().collect()
    }

    fn download(&self, wanted: &Wanted<'_>, _answers: &[Answer]) -> Download {
        match &self.sender {
            Some(sender) => sender.download(wanted),
            None if wanted.sticker => Download::by_address(wanted.media),
            None => Download::without_account(wanted.media),
        }
    }

    fn outbound(&self) -> Option<&dyn Outbound> {
        self.sender.as_ref().map(|sender| sender as &dyn Outbound)
    }

    fn proof_headers(&self) -> &'static [&'static str] {
        &[HEADER.name]
    }
}
