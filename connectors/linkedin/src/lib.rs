//! LinkedIn: notifications of what happens to an organization's posts in, comments out.
//!
//! One address per app. LinkedIn asks it for the HMAC of a code when it is registered and every two hours, and blocks it after
//! three wrong answers. See <https://learn.microsoft.com/en-us/linkedin/shared/api-guide/webhook-validation>.

mod challenge;
mod inbound;
mod outbound;
mod proof;
mod samples;
mod wire;

use std::{borrow::Cow, collections::BTreeMap};

use connector_sdk::{
    Batch, Configure, Connector, Delivery, Fresh, Handshake, Malformed, RawRequest, Registration, Rejected, Secret,
    Section, Verified, outbound::Outbound,
};
use kenh_proto::v1::Envelope;

/// The channel's entry in the catalog.
pub const CONNECTOR: Registration = Registration::of::<LinkedIn>(
    "linkedin",
    "LinkedIn",
    include_str!("../example.yaml"),
    samples::SAMPLES,
    Fresh { ids: &["notificationId", "leadGenFormResponse"], times: &["lastModifiedAt", "occurredAt"] },
);

/// One app. The default has no secret: it normalizes, and refuses every request.
#[derive(Debug, Default)]
pub struct LinkedIn {
    client_secrets: Vec<Secret>,
    /// Secrets of applications below this one, by their ids.
    child_applications: BTreeMap<String, Vec<Secret>>,
    sender: Option<outbound::Sender>,
}

impl Configure for LinkedIn {
    fn configure(settings: &mut Section<'_>) -> Self {
        let client_secrets = settings.required_secrets("client_secrets");
        let mut child_applications = BTreeMap::new();
        settings.section("child_applications", |children| {
            children.each(|id, _, child| {
                child_applications.insert(id.to_owned(), child.required_secrets("client_secrets"));
            });
        });
        let sender = outbound::Sender::configure(settings, client_secrets.first());
        Self { client_secrets, child_applications, sender }
    }
}

impl Connector for LinkedIn {
    fn verify<'a>(&self, request: RawRequest<'a>) -> Result<Verified<'a>, Rejected> {
        let children = self.child_applications.values().flatten();
        let secrets: Vec<_> = self.client_secrets.iter().chain(children).cloned().collect();
        proof::verify(request, &secrets)
    }

    fn normalize(&self, delivery: Delivery<'_>) -> Result<Batch, Malformed> {
        inbound::normalize(delivery.body)
    }

    fn whole<'a>(&self, item: &'a [u8], envelope: &Envelope) -> Cow<'a, [u8]> {
        inbound::whole(item, envelope)
    }

    fn sign(&self, body: &[u8]) -> Vec<(&'static str, String)> {
        self.client_secrets.first().map(|secret| proof::sign(body, secret)).into_iter().collect()
    }

    fn handshake(&self, request: RawRequest<'_>) -> Handshake {
        let application = request.query_value("applicationId");
        let child = application.and_then(|id| self.child_applications.get(&id));
        challenge::answer(&request, child.unwrap_or(&self.client_secrets).first())
    }

    fn outbound(&self) -> Option<&dyn Outbound> {
        self.sender.as_ref().map(|sender| sender as &dyn Outbound)
    }

    fn proof_headers(&self) -> &'static [&'static str] {
        &[proof::HEADER]
    }
}
