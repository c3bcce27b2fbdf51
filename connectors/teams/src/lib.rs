//! Microsoft Teams, through a bot of the Bot Framework: activities in, messages out.
//!
//! A call carries a token that the Bot Connector signed with a key it publishes; the token names the address the activity
//! says it came from, and covers nothing else of the body.
//! See <https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication>.

mod inbound;
mod outbound;
mod proof;
mod samples;
mod settings;
mod wire;

use std::{sync::Arc, time::SystemTime};

use connector_sdk::{
    Ack, Batch, Configure, Connector, Delivery, Fresh, Malformed, RawRequest, Registration, Rejected, Section,
    Verified,
    keys::PublishedKeys,
    media::{Download, Wanted},
    outbound::{Answer, Outbound},
};

use crate::{outbound::Sender, settings::Settings};

/// The channel's entry in the catalog.
pub const CONNECTOR: Registration = Registration::of::<Teams>(
    "teams",
    "Microsoft Teams",
    include_str!("../example.yaml"),
    samples::SAMPLES,
    Fresh { ids: &["id:1767", "id:f:", "replyToId"], times: &[] },
);

/// One bot. The default has none: it normalizes, and refuses every request.
#[derive(Debug, Default)]
pub struct Teams(Option<(Settings, Option<Sender>)>);

impl Teams {
    fn settings(&self) -> Option<&Settings> {
        self.0.as_ref().map(|(settings, _)| settings)
    }
}

impl Configure for Teams {
    fn configure(settings: &mut Section<'_>) -> Self {
        let read = Settings::read(settings);
        let sender = Sender::configure(settings, read.app_id());
        Self(Some((read, sender)))
    }
}

impl Connector for Teams {
    fn verify<'a>(&self, request: RawRequest<'a>) -> Result<Verified<'a>, Rejected> {
        proof::verify(self.settings().ok_or(Rejected::NoSecret)?, request)
    }

    fn normalize(&self, delivery: Delivery<'_>) -> Result<Batch, Malformed> {
        inbound::normalize(delivery.body)
    }

    fn sign(&self, body: &[u8]) -> Vec<(&'static str, String)> {
        self.sign_at(body, SystemTime::UNIX_EPOCH)
    }

    fn sign_at(&self, body: &[u8], at: SystemTime) -> Vec<(&'static str, String)> {
        self.settings().and_then(|settings| proof::sign(settings, body, at)).into_iter().collect()
    }

    fn ack(&self, delivery: Delivery<'_>) -> Ack {
        let words = self.settings().map(|settings| settings.action_answer.as_str()).unwrap_or_default();
        inbound::answer(delivery.body, words).map_or(Ack::Empty, |answer| Ack::Json(answer.into()))
    }

    fn published_keys(&self) -> Option<&Arc<PublishedKeys>> {
        self.settings().map(|settings| &settings.keys)
    }

    fn download(&self, wanted: &Wanted<'_>, _answers: &[Answer]) -> Download {
        match self.0.as_ref().and_then(|(_, sender)| sender.as_ref()) {
            Some(sender) => sender.download(wanted),
            None => Download::by_address(wanted.media),
        }
    }

    fn outbound(&self) -> Option<&dyn Outbound> {
        let (_, sender) = self.0.as_ref()?;
        sender.as_ref().map(|sender| sender as &dyn Outbound)
    }
}
