//! Zalo Official Accounts: webhooks in, messages and templates out.
//!
//! One address per Zalo app, shared by every Official Account that authorised it; the body names the account. An
//! event is one JSON object whose `event_name` decides its shape: `inbound/events.rs` lists them all. What can be sent,
//! and how, is in `outbound.rs`.

mod icons;
mod inbound;
mod outbound;
mod proof;
mod samples;
mod site;
mod tracking;
mod wire;

use connector_sdk::{
    Batch, Configure, Connector, Delivery, Fresh, Malformed, Page, RawRequest, Registration, Rejected, Secret, Section,
    Verified,
    outbound::{self as sdk, Outbound as _},
};

/// The channel's entry in the catalog.
pub const CONNECTOR: Registration = Registration::of::<Zalo>(
    "zalo",
    "Zalo Official Account",
    include_str!("../example.yaml"),
    samples::SAMPLES,
    Fresh {
        ids: &["msg_id", "msg_ids", "call_id"],
        times: &["timestamp", "delivery_time", "submit_time", "create_time", "confirmed_time", "init_time"],
    },
);

/// One Zalo app. The default has no secret: it normalizes, and refuses every request.
#[derive(Debug, Default)]
pub struct Zalo {
    app_id: String,
    oa_secret_keys: Vec<Secret>,
    site_verification: Option<String>,
    oa_ids: Vec<String>,
    sender: Option<outbound::Sender>,
}

impl Configure for Zalo {
    fn configure(settings: &mut Section<'_>) -> Self {
        let app_id = settings.required_text("app_id");
        // Digits only, so that where the id ends and the body begins cannot be moved within the signed bytes.
        if !app_id.bytes().all(|byte| byte.is_ascii_digit()) {
            settings.fault("app_id", "expected the app's number, digits only");
        }
        let oa_secret_keys = settings.required_secrets("oa_secret_keys");
        let site_verification = settings.text("site_verification");
        if site_verification.as_deref().is_some_and(|code| !site::is_code(code)) {
            settings.fault("site_verification", "expected the code alone: letters, digits, - and _");
        }
        let sender = outbound::Sender::read(settings, &app_id);
        let mut oa_ids = settings.texts("oa_ids");
        oa_ids.extend(sender.iter().flat_map(|sender| sender.accounts().iter()).map(|(id, _)| id.to_owned()));
        Self { app_id, oa_secret_keys, site_verification, oa_ids, sender }
    }
}

impl Connector for Zalo {
    fn verify<'a>(&self, request: RawRequest<'a>) -> Result<Verified<'a>, Rejected> {
        proof::verify(request, &self.app_id, &self.oa_secret_keys)
    }

    fn normalize(&self, delivery: Delivery<'_>) -> Result<Batch, Malformed> {
        inbound::normalize(delivery, &self.oa_ids)
    }

    fn sign(&self, body: &[u8]) -> Vec<(&'static str, String)> {
        self.oa_secret_keys.first().map(|secret| proof::sign(body, &self.app_id, secret)).into_iter().collect()
    }

    fn is_redelivery(&self, delivery: Delivery<'_>) -> bool {
        // Some proxies rename headers with an underscore.
        let count = delivery.header("num_retry").or_else(|| delivery.header("num-retry"));
        count.and_then(|count| count.trim().parse::<u64>().ok()).is_some_and(|count| count > 0)
    }

    fn proof_headers(&self) -> &'static [&'static str] {
        &[proof::HEADER.name]
    }

    fn outbound(&self) -> Option<&dyn sdk::Outbound> {
        self.sender.as_ref().map(|sender| sender as &dyn sdk::Outbound)
    }

    fn pages(&self) -> Vec<Page> {
        self.site_verification.as_deref().filter(|code| site::is_code(code)).map(site::page).into_iter().collect()
    }
}
