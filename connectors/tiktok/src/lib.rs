//! TikTok Business Messaging: direct messages in and out.
//!
//! One address per app, shared by the business accounts that authorised it; the body names the account, and holds the event as
//! JSON within a text. See <https://business-api.tiktok.com/portal/docs?id=1832183871604753>.

mod inbound;
mod outbound;
mod samples;
mod wire;

use std::time::{Duration, SystemTime};

use connector_sdk::{
    Batch, Configure, Connector, Delivery, Fresh, Malformed, RawRequest, Registration, Rejected, Secret, Section,
    Verified,
    media::{Download, Wanted},
    outbound::{Answer, Outbound},
    signature::{self, Paired, Timestamped},
};

/// The channel's entry in the catalog.
pub const CONNECTOR: Registration = Registration::of::<TikTok>(
    "tiktok",
    "TikTok",
    include_str!("../example.yaml"),
    samples::SAMPLES,
    // What tells one event from another stands in a text.
    Fresh { ids: &[], times: &["create_time"] },
);

/// `Tiktok-Signature: t=1767225600,s=84d3…`, of the time, a full stop and the body. TikTok states no age; a delivery is repeated
/// with the time of its attempt.
const HEADER: Paired = Paired {
    scheme: Timestamped { header: "Tiktok-Signature", before: "", between: ".", tolerance: Duration::from_secs(300) },
    time: "t",
    digest: "s",
};

/// How long after a message it may be answered, where nothing is set.
const REPLY_WINDOW: Duration = Duration::from_secs(48 * 60 * 60);

/// One app. The default has no secret: it normalizes, and refuses every request.
#[derive(Debug, Default)]
pub struct TikTok {
    client_secrets: Vec<Secret>,
    reply_window: Option<Duration>,
    sender: Option<outbound::Sender>,
}

impl Configure for TikTok {
    fn configure(settings: &mut Section<'_>) -> Self {
        let client_secrets = settings.required_secrets("client_secrets");
        let reply_window = settings.duration("reply_window", REPLY_WINDOW);
        let sender = outbound::Sender::configure(settings, client_secrets.first());
        Self { client_secrets, reply_window: Some(reply_window).filter(|window| !window.is_zero()), sender }
    }
}

impl Connector for TikTok {
    fn verify<'a>(&self, request: RawRequest<'a>) -> Result<Verified<'a>, Rejected> {
        signature::hmac_sha256_paired(request, &HEADER, &self.client_secrets)
    }

    fn normalize(&self, delivery: Delivery<'_>) -> Result<Batch, Malformed> {
        inbound::normalize(delivery.body, self.reply_window)
    }

    fn sign(&self, body: &[u8]) -> Vec<(&'static str, String)> {
        self.sign_at(body, SystemTime::UNIX_EPOCH)
    }

    fn sign_at(&self, body: &[u8], at: SystemTime) -> Vec<(&'static str, String)> {
        let secret = self.client_secrets.first();
        secret.map(|secret| signature::sign_hmac_sha256_paired(body, &HEADER, at, secret)).into_iter().collect()
    }

    fn download(&self, wanted: &Wanted<'_>, answers: &[Answer]) -> Download {
        match &self.sender {
            Some(sender) => sender.download(wanted, answers),
            None => Download::without_account(wanted.media),
        }
    }

    fn outbound(&self) -> Option<&dyn Outbound> {
        self.sender.as_ref().map(|sender| sender as &dyn Outbound)
    }

    fn proof_headers(&self) -> &'static [&'static str] {
        &[HEADER.scheme.header]
    }
}
