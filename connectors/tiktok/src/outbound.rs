//! Messages out, through the Business Messaging API: one call each, and one more where a picture is uploaded first. Errors come
//! with status 200. See <https://business-api.tiktok.com/portal/docs?id=1832184403754242>.

mod call;
mod capabilities;
mod download;
mod errors;
mod message;
mod plan;
mod renewal;

use std::time::Duration;

use connector_sdk::{
    Secret, Section, address,
    outbound::{
        Accounts, Answer, Counted, Failure, Limit, Order, Outbound, Planned, Refresh, Refusal, Reply, Scope, Sending,
        Step,
    },
};
use kenh_proto::v1::{Capabilities, SendReason, outbound_action::What};
use serde_json::Value;

/// Where the API is.
const API: &str = "https://business-api.tiktok.com";
/// Whose hosts files are had from with the token. TikTok says that it wants it, and not where the files lie.
const MEDIA: &str = ".tiktok.com";
/// Calls a second, where nothing is set: TikTok publishes no number for messages.
const PER_SECOND: u64 = 10;
const MOST_PER_SECOND: u64 = 10_000;

/// The business accounts that answer.
#[derive(Debug)]
pub(crate) struct Sender {
    accounts: Accounts,
    api_url: String,
    media_hosts: Vec<String>,
    renewal: Option<renewal::Renewal>,
    per_second: u64,
}

impl Sender {
    /// Reads its settings; nothing where no account is named. `secret` is the app's, which renews tokens too.
    pub(crate) fn configure(settings: &mut Section<'_>, secret: Option<&Secret>) -> Option<Self> {
        let accounts = Accounts::read(settings, true);
        let api_url = address::api(settings, "api_url", API);
        let media_hosts = address::hosts(settings, "media_hosts", &[MEDIA]);
        let client_id = settings.text("client_id");
        if client_id.is_none() && accounts.iter().any(|(_, account)| account.refresh_token.is_some()) {
            settings.fault("client_id", "is required to renew tokens: an account has a refresh_token");
        }
        let per_second = settings.number("requests_per_second", 1..=MOST_PER_SECOND, PER_SECOND);
        let renewal = client_id.zip(secret.cloned());
        let renewal = renewal.map(|(client_id, secret)| renewal::Renewal::new(client_id, secret, &api_url));
        (!accounts.is_empty()).then_some(Self { accounts, api_url, media_hosts, renewal, per_second })
    }
}

impl Outbound for Sender {
    fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    fn capabilities(&self) -> Capabilities {
        capabilities::all()
    }

    fn plan(&self, order: &Order<'_>) -> Result<Planned, Refusal> {
        plan::planned(order)
    }

    fn step(&self, sending: &Sending<'_>, answers: &[Answer]) -> Step {
        match sending.what {
            What::Message(message) => message::step(&self.api_url, sending, message, answers),
            What::Edit(_)
            | What::Delete(_)
            | What::React(_)
            | What::Typing(_)
            | What::MarkRead(_)
            | What::CommentReply(_)
            | What::HideComment(_) => Step::Done(Failure::permanent(SendReason::ContentUnsupported, None)),
        }
    }

    fn request_id(&self, reply: &Reply) -> Option<String> {
        let body = reply.json();
        let id = body.get("request_id").and_then(Value::as_str)?;
        let plain = (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        plain.then(|| id.to_owned())
    }

    fn limits(&self) -> Vec<Limit> {
        let burst = (self.per_second / 5).max(1);
        let filled = u32::try_from((self.per_second - burst).max(1)).unwrap_or(u32::MAX);
        let burst = u32::try_from(burst).unwrap_or(u32::MAX);
        vec![Limit { scope: Scope::Account, what: Counted::All, burst, every: Duration::from_secs(1) / filled }]
    }

    fn refresh(&self) -> Option<&dyn Refresh> {
        self.renewal.as_ref().map(|renewal| renewal as &dyn Refresh)
    }
}
