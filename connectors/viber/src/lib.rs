//! Viber bots: webhooks in, messages out.
//!
//! One call is one event. Neither body nor headers name the bot, so each bot has an endpoint of its own, which says
//! whose it is. Viber wants an empty 200; a body would be taken for a welcome message.
//! See <https://developers.viber.com/docs/api/rest-bot-api/#callbacks>.

mod inbound;
mod outbound;
mod samples;
mod wire;

use std::time::Duration;

use connector_sdk::{
    Batch, Configure, Connector, Delivery, Fresh, Malformed, RawRequest, Registration, Rejected, Secret, Section,
    Verified,
    outbound::Outbound,
    signature::{self, HexHeader},
};

/// The channel's entry in the catalog.
pub const CONNECTOR: Registration = Registration::of::<Viber>(
    "viber",
    "Viber bot",
    include_str!("../example.yaml"),
    samples::SAMPLES,
    Fresh { ids: &["message_token"], times: &["timestamp"] },
);

const HEADER: HexHeader = HexHeader { name: "X-Viber-Content-Signature", scheme: "", scheme_optional: true };

/// One bot. The default has no token: it normalizes, and refuses every request.
#[derive(Debug, Default)]
pub struct Viber {
    account_id: Option<String>,
    auth_tokens: Vec<Secret>,
    media_lifetime: Option<Duration>,
    sender: Option<outbound::Sender>,
}

impl Configure for Viber {
    fn configure(settings: &mut Section<'_>) -> Self {
        let lifetime = settings.duration("media_lifetime", Duration::from_secs(3600));
        let account_id = settings.required_text("account_id");
        let sender = outbound::Sender::configure(settings, &account_id);
        Self {
            sender,
            account_id: Some(account_id),
            auth_tokens: settings.required_secrets("auth_tokens"),
            media_lifetime: Some(lifetime).filter(|lifetime| !lifetime.is_zero()),
        }
    }
}

impl Connector for Viber {
    fn verify<'a>(&self, request: RawRequest<'a>) -> Result<Verified<'a>, Rejected> {
        signature::hmac_sha256(request, HEADER, &self.auth_tokens)
    }

    fn normalize(&self, delivery: Delivery<'_>) -> Result<Batch, Malformed> {
        inbound::normalize(delivery.body, self.account_id.as_deref(), self.media_lifetime)
    }

    fn sign(&self, body: &[u8]) -> Vec<(&'static str, String)> {
        let token = self.auth_tokens.first();
        token.map(|token| signature::sign_hmac_sha256(body, HEADER, token)).into_iter().collect()
    }

    fn outbound(&self) -> Option<&dyn Outbound> {
        self.sender.as_ref().map(|sender| sender as &dyn Outbound)
    }

    fn proof_headers(&self) -> &'static [&'static str] {
        &[HEADER.name]
    }
}
