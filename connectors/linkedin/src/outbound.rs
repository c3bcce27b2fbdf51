//! Comments out: answers below a post or to a comment, and taking one's own back.
//! See <https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/comments-api>.

mod comment;
mod errors;
mod plan;
mod renewal;

use std::time::Duration;

use connector_sdk::{
    Secret, Section, address,
    outbound::{
        Accounts, Answer, Counted, Limit, Order, Outbound, Planned, Refresh, Refusal, Scope, Sending, Step,
        conditional, partial,
    },
};
use kenh_proto::v1::{
    Capabilities, Capability,
    Feature::{CommentDelete, CommentReply, Text},
};

/// Where the API is, and where tokens are renewed.
const API: &str = "https://api.linkedin.com";
const OAUTH: &str = "https://www.linkedin.com";
/// The month of the API's version; LinkedIn keeps one for a year at least.
const VERSION: &str = "202606";
/// Characters of a comment at most.
const LONGEST_COMMENT: u32 = 1250;

/// The organizations that answer.
#[derive(Debug)]
pub(crate) struct Sender {
    accounts: Accounts,
    api_url: String,
    api_version: String,
    renewal: Option<renewal::Renewal>,
}

impl Sender {
    /// Reads its settings; nothing where no organization is named. `secret` is the app's, which renews tokens too.
    pub(crate) fn configure(settings: &mut Section<'_>, secret: Option<&Secret>) -> Option<Self> {
        let accounts = Accounts::read(settings, true);
        if accounts.iter().any(|(id, _)| !plan::is_urn(id)) {
            settings.fault("accounts", "expected URNs, such as urn:li:organization:1001");
        }
        let api_url = address::api(settings, "api_url", API);
        let oauth_url = address::api(settings, "oauth_url", OAUTH);
        let api_version = settings.text("api_version").unwrap_or_else(|| VERSION.to_owned());
        if api_version.len() != 6 || !api_version.bytes().all(|byte| byte.is_ascii_digit()) {
            settings.fault("api_version", "expected a year and a month, such as 202606");
        }
        let client_id = settings.text("client_id");
        if client_id.is_none() && accounts.iter().any(|(_, account)| account.refresh_token.is_some()) {
            settings.fault("client_id", "is required to renew tokens: an account has a refresh_token");
        }
        let renewal = client_id.zip(secret.cloned());
        let renewal = renewal.map(|(client_id, secret)| renewal::Renewal::new(client_id, secret, &oauth_url));
        (!accounts.is_empty()).then_some(Self { accounts, api_url, api_version, renewal })
    }
}

impl Outbound for Sender {
    fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    /// All of it needs the right `w_organization_social`.
    fn capabilities(&self) -> Capabilities {
        let text = Capability { max_length: LONGEST_COMMENT, ..partial(Text) };
        let features = vec![text, conditional(CommentReply), conditional(CommentDelete)];
        Capabilities { features, options: Vec::new(), repeatable: false }
    }

    fn plan(&self, order: &Order<'_>) -> Result<Planned, Refusal> {
        plan::planned(&self.capabilities(), order)
    }

    fn step(&self, sending: &Sending<'_>, answers: &[Answer]) -> Step {
        comment::step(&self.api_url, &self.api_version, sending, answers)
    }

    /// A comment can be answered for as long as it is there.
    fn needs_window(&self, _order: &Order<'_>) -> bool {
        false
    }

    /// LinkedIn counts by the day and app; one comment a second keeps clear of what it takes for spam.
    fn limits(&self) -> Vec<Limit> {
        vec![Limit { scope: Scope::Account, what: Counted::All, burst: 3, every: Duration::from_secs(1) }]
    }

    fn refresh(&self) -> Option<&dyn Refresh> {
        self.renewal.as_ref().map(|renewal| renewal as &dyn Refresh)
    }
}
