//! Slack: the Events API in, as JSON; buttons, forms and slash commands in, as web forms; messages out.
//!
//! One address per app, shared by every workspace that installed it; the body names the workspace.
//! See <https://docs.slack.dev/apis/events-api/>.

mod inbound;
mod outbound;
mod proof;
mod samples;
mod wire;

use std::time::SystemTime;

use connector_sdk::{
    Ack, Batch, Configure, Connector, Delivery, Fresh, Malformed, RawRequest, Registration, Rejected, Secret, Section,
    Verified,
    media::{Download, Unobtainable, Wanted},
    outbound::{Answer, Outbound},
};

/// The channel's entry in the catalog.
pub const CONNECTOR: Registration = Registration::of::<Slack>(
    "slack",
    "Slack",
    include_str!("../example.yaml"),
    samples::SAMPLES,
    Fresh {
        ids: &["event_id", "client_msg_id", "trigger_id"],
        times: &["event_time", "event_ts", "ts", "deleted_ts", "thread_ts", "action_ts", "message_ts"],
    },
);

/// One app. The default has no secret: it normalizes, and refuses every request.
#[derive(Debug, Default)]
pub struct Slack {
    signing_secrets: Vec<Secret>,
    sender: Option<outbound::Sender>,
}

impl Configure for Slack {
    fn configure(settings: &mut Section<'_>) -> Self {
        let signing_secrets = settings.required_secrets("signing_secrets");
        Self { signing_secrets, sender: outbound::Sender::configure(settings) }
    }
}

impl Connector for Slack {
    fn verify<'a>(&self, request: RawRequest<'a>) -> Result<Verified<'a>, Rejected> {
        proof::verify(request, &self.signing_secrets)
    }

    fn normalize(&self, delivery: Delivery<'_>) -> Result<Batch, Malformed> {
        inbound::normalize(delivery.body)
    }

    fn sign(&self, body: &[u8]) -> Vec<(&'static str, String)> {
        self.sign_at(body, SystemTime::UNIX_EPOCH)
    }

    fn sign_at(&self, body: &[u8], at: SystemTime) -> Vec<(&'static str, String)> {
        proof::sign(body, at, self.signing_secrets.first())
    }

    fn ack(&self, delivery: Delivery<'_>) -> Ack {
        match inbound::challenge(delivery.body) {
            Some(challenge) => Ack::Text(challenge.into()),
            // Anything else would be shown to the person, or taken for a command to a form.
            None => Ack::Empty,
        }
    }

    fn is_redelivery(&self, delivery: Delivery<'_>) -> bool {
        let attempt = delivery.header("X-Slack-Retry-Num").and_then(|number| number.trim().parse::<u64>().ok());
        attempt.is_some_and(|number| number > 0)
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
        proof::HEADERS
    }
}
