//! Discourse: what happens in a forum in, posts and private messages out.
//!
//! Each site has an endpoint of its own: the headers that name it are not signed. See
//! <https://meta.discourse.org/t/configure-webhooks-that-trigger-on-discourse-events/49045>.

mod inbound;
mod outbound;
mod samples;
mod wire;

use connector_sdk::{
    Batch, Configure, Connector, Delivery, Fresh, Malformed, RawRequest, Registration, Rejected, Secret, Section,
    Verified, address,
    outbound::Outbound,
    signature::{self, HexHeader},
};

use self::inbound::Site;

/// The channel's entry in the catalog.
pub const CONNECTOR: Registration = Registration::of::<Discourse>(
    "discourse",
    "Discourse",
    include_str!("../example.yaml"),
    samples::SAMPLES,
    // Its times are texts.
    Fresh { ids: &["id"], times: &[] },
);

const HEADER: HexHeader = HexHeader { name: "X-Discourse-Event-Signature", scheme: "sha256", scheme_optional: false };

/// One site. The default has no secret: it normalizes, and refuses every request.
#[derive(Debug, Default)]
pub struct Discourse {
    site: Site,
    secrets: Vec<Secret>,
    sender: Option<outbound::Sender>,
}

impl Configure for Discourse {
    fn configure(settings: &mut Section<'_>) -> Self {
        let url = address::api(settings, "site", "");
        let secrets = settings.required_secrets("secrets");
        let sender = outbound::Sender::configure(settings, &url);
        let mut own = settings.texts("own_usernames");
        own.extend(sender.as_ref().map(|sender| sender.username().to_owned()));
        let own = own.into_iter().map(|name| name.to_lowercase()).collect();
        Self { site: Site { url: Some(url), own }, secrets, sender }
    }
}

impl Connector for Discourse {
    fn verify<'a>(&self, request: RawRequest<'a>) -> Result<Verified<'a>, Rejected> {
        signature::hmac_sha256(request, HEADER, &self.secrets)
    }

    fn normalize(&self, delivery: Delivery<'_>) -> Result<Batch, Malformed> {
        inbound::normalize(&self.site, delivery)
    }

    fn sign(&self, body: &[u8]) -> Vec<(&'static str, String)> {
        let secret = self.secrets.first();
        secret.map(|secret| signature::sign_hmac_sha256(body, HEADER, secret)).into_iter().collect()
    }

    fn outbound(&self) -> Option<&dyn Outbound> {
        self.sender.as_ref().map(|sender| sender as &dyn Outbound)
    }

    fn proof_headers(&self) -> &'static [&'static str] {
        &[HEADER.name]
    }
}
