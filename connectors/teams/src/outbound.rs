//! Messages out, through the Bot Connector: one call each, at the address the conversation's events name.
//! See <https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference>.

mod call;
mod capabilities;
mod content;
mod download;
mod errors;
mod plan;
mod token;

use std::time::Duration;

use connector_sdk::{
    Section, address,
    outbound::{Accounts, Answer, Counted, Limit, Order, Outbound, Planned, Refresh, Refusal, Scope, Sending, Step},
};
use kenh_proto::v1::Capabilities;

use self::token::Tokens;

/// Where conversations are answered of which no event has said it.
const SERVICE: &str = "https://smba.trafficmanager.net/teams";
/// The one host of the public cloud.
const HOST: &str = "smba.trafficmanager.net";

/// About seven messages a second into a conversation for a moment, two in the long run; Teams says so when it is too fast.
/// See <https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit>.
const LIMIT: Limit = Limit { scope: Scope::Recipient, what: Counted::All, burst: 4, every: Duration::from_millis(500) };

/// The bot that answers.
#[derive(Debug)]
pub(crate) struct Sender {
    accounts: Accounts,
    tokens: Tokens,
    service_url: String,
    hosts: Vec<String>,
    media_hosts: Vec<String>,
}

impl Sender {
    /// Reads its settings; nothing where there is no account.
    pub(crate) fn configure(settings: &mut Section<'_>, app_id: &str) -> Option<Self> {
        let accounts = Accounts::read(settings, true);
        if accounts.iter().any(|(id, _)| id.strip_prefix("28:") != Some(app_id)) {
            settings.fault("accounts", "expected the bot alone: 28: and its application id, as `app_id` has it");
        }
        let hosts = address::hosts(settings, "service_hosts", &[HOST]);
        let media_hosts = address::hosts(settings, "media_hosts", &[]);
        let service_url = address::api(settings, "service_url", SERVICE);
        let tokens = Tokens::read(settings, app_id);
        (!accounts.is_empty()).then_some(Self { accounts, tokens, service_url, hosts, media_hosts })
    }

    /// Where a conversation is answered: an address that came with a call is trusted by its host alone.
    fn service(&self, sending: &Sending<'_>) -> Option<String> {
        let Some(url) = sending.reply_address else { return Some(self.service_url.clone()) };
        let host = address::host(url)?;
        let is_trusted = self.hosts.iter().any(|trusted| address::is_of(host, trusted));
        let is_plain = !url.contains(['?', '#', '{', '\\']);
        (is_trusted && is_plain).then(|| url.trim_end_matches('/').to_owned())
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
        call::step(self.service(sending).as_deref(), sending, answers)
    }

    /// Where a person has put the app in, it can write.
    fn needs_window(&self, _order: &Order<'_>) -> bool {
        false
    }

    fn limits(&self) -> Vec<Limit> {
        vec![LIMIT]
    }

    fn refresh(&self) -> Option<&dyn Refresh> {
        Some(&self.tokens)
    }
}
