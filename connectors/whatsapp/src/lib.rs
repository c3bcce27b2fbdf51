//! WhatsApp Business through Meta's Cloud API: messages and what becomes of those sent, calls, and the account's affairs.
//!
//! People are known by an id within the business and, most of them, by their number too; events belong to one of the
//! business's numbers.
//! See <https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks>.

mod inbound;
mod outbound;
mod samples;
mod whole;
mod wire;

use std::borrow::Cow;

use connector_meta::app::{App, PROOF_HEADERS};
use connector_sdk::{
    Batch, Configure, Connector, Delivery, Fresh, Handshake, Malformed, RawRequest, Registration, Rejected, Section,
    Verified,
    media::{Download, Unobtainable, Wanted},
    outbound::{Answer, Outbound},
};
use kenh_proto::v1::Envelope;

use self::outbound::Sender;

/// One Meta app: its callback URL serves every number that subscribed it, and it sends for those whose token it has.
#[derive(Debug, Default)]
pub struct WhatsApp {
    app: App,
    sender: Option<Sender>,
}

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
        let app = App::configure(settings);
        Self { sender: Sender::configure(settings, &app), app }
    }
}

impl Connector for WhatsApp {
    fn verify<'a>(&self, request: RawRequest<'a>) -> Result<Verified<'a>, Rejected> {
        self.app.verify(request)
    }

    fn normalize(&self, delivery: Delivery<'_>) -> Result<Batch, Malformed> {
        inbound::normalize(delivery.body)
    }

    fn whole<'a>(&self, item: &'a [u8], envelope: &Envelope) -> Cow<'a, [u8]> {
        whole::whole(item, envelope)
    }

    fn sign(&self, body: &[u8]) -> Vec<(&'static str, String)> {
        self.app.sign(body)
    }

    fn handshake(&self, request: RawRequest<'_>) -> Handshake {
        self.app.handshake(&request)
    }

    fn download(&self, wanted: &Wanted<'_>, answers: &[Answer]) -> Download {
        match &self.sender {
            Some(sender) => sender.download(wanted, answers),
            // Its addresses want the token too.
            None => Download::Not(Unobtainable::Credentials),
        }
    }

    fn outbound(&self) -> Option<&dyn Outbound> {
        self.sender.as_ref().map(|sender| sender as &dyn Outbound)
    }

    fn proof_headers(&self) -> &'static [&'static str] {
        PROOF_HEADERS
    }
}
