//! Discord over HTTP: interactions and webhook events in; follow-ups, messages, edits, reactions out.
//!
//! Ordinary messages of a server do not come over HTTP at all; what people do with commands, buttons and forms does.
//! See <https://docs.discord.com/developers/interactions/receiving-and-responding> and
//! <https://docs.discord.com/developers/events/webhook-events>.

mod inbound;
mod outbound;
mod proof;
mod samples;
mod wire;

use std::time::SystemTime;

use connector_sdk::{
    Ack, Batch, Configure, Connector, Delivery, Fresh, Malformed, RawRequest, Registration, Rejected, Secret, Section,
    Verified, outbound::Outbound, signature,
};

/// The channel's entry in the catalog.
pub const CONNECTOR: Registration = Registration::of::<Discord>(
    "discord",
    "Discord",
    include_str!("../example.yaml"),
    samples::SAMPLES,
    Fresh { ids: &["id", "token"], times: &[] },
);

/// One application. The default has no key: it normalizes, and refuses every request.
#[derive(Debug, Default)]
pub struct Discord {
    public_keys: Vec<Secret>,
    /// What answers an interaction is shown to whoever did it alone.
    ephemeral: bool,
    sender: Option<outbound::Sender>,
}

impl Configure for Discord {
    fn configure(settings: &mut Section<'_>) -> Self {
        let public_keys = settings.required_secrets("public_keys");
        if !public_keys.iter().all(signature::is_ed25519_key) {
            settings.fault("public_keys", "expected public keys of 64 hexadecimal digits, as the portal shows them");
        }
        let ephemeral = settings.boolean("ephemeral", false);
        Self { public_keys, ephemeral, sender: outbound::Sender::configure(settings, ephemeral) }
    }
}

impl Connector for Discord {
    fn verify<'a>(&self, request: RawRequest<'a>) -> Result<Verified<'a>, Rejected> {
        proof::verify(request, &self.public_keys)
    }

    fn normalize(&self, delivery: Delivery<'_>) -> Result<Batch, Malformed> {
        inbound::normalize(delivery.body, self.ephemeral)
    }

    fn sign(&self, body: &[u8]) -> Vec<(&'static str, String)> {
        self.sign_at(body, SystemTime::UNIX_EPOCH)
    }

    fn sign_at(&self, body: &[u8], at: SystemTime) -> Vec<(&'static str, String)> {
        proof::sign(body, at, self.public_keys.first())
    }

    fn ack(&self, delivery: Delivery<'_>) -> Ack {
        inbound::ack(delivery.body, self.ephemeral)
    }

    fn outbound(&self) -> Option<&dyn Outbound> {
        self.sender.as_ref().map(|sender| sender as &dyn Outbound)
    }

    fn proof_headers(&self) -> &'static [&'static str] {
        proof::HEADERS
    }
}
