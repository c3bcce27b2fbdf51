//! The sending half: what can be planned without the process. The dispatcher gives it each piece.

use std::{sync::Arc, time::Duration};

use connector_sdk::{
    Section,
    outbound::{
        Accounts, Answer, Counted, Failure, Limit, Order, Outbound, Planned, Refusal, Retry, Scope, Sending,
        SendingAccount, Step, plan,
    },
    process::ByProcess,
};
use kenh_proto::v1::{Capabilities, SendReason};

/// The sending half of an endpoint.
#[derive(Debug)]
pub(crate) struct Sender {
    accounts: Accounts,
    requests_per_minute: u32,
    by_process: Arc<ByProcess>,
}

impl Sender {
    /// Reads `accounts` and how fast they may send; nothing where there is none.
    pub(crate) fn read(settings: &mut Section<'_>, by_process: &Arc<ByProcess>) -> Option<Self> {
        let mut accounts = Vec::new();
        settings.section("accounts", |section| {
            section.each(|id, origin, account| {
                if id.is_empty() || id.len() > 256 {
                    account.refuse(origin, "expected the channel's id of the account");
                }
                // A process that has tokens of its own needs none of ours.
                let (name, token) = (account.text("name"), account.secret("token"));
                accounts.push((id.to_owned(), SendingAccount { name, token, refresh_token: None }));
            });
        });
        let requests_per_minute = u32::try_from(settings.number("requests_per_minute", 0..=1_000_000, 0)).unwrap_or(0);
        let accounts: Accounts = accounts.into_iter().collect();
        (!accounts.is_empty()).then(|| Self { accounts, requests_per_minute, by_process: by_process.clone() })
    }
}

impl Outbound for Sender {
    fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    fn capabilities(&self) -> Capabilities {
        self.by_process.capabilities().unwrap_or_default()
    }

    fn plan(&self, order: &Order<'_>) -> Result<Planned, Refusal> {
        let Some(capabilities) = self.by_process.capabilities() else {
            let advice = "no process of this channel has attached since the gateway started, so nobody knows what can be sent: \
                          try again once one has";
            return Err(Refusal::new(SendReason::ChannelUnavailable, advice));
        };
        plan(&capabilities, order)
    }

    fn step(&self, _: &Sending<'_>, _: &[Answer]) -> Step {
        // The dispatcher asks the process. Whoever asks here has none.
        Step::Done(Failure::passing(SendReason::ChannelUnavailable, None, Retry::Soon))
    }

    fn limits(&self) -> Vec<Limit> {
        let requests = self.requests_per_minute;
        if requests == 0 {
            return Vec::new();
        }
        let burst = (requests / 10).max(1);
        let every = Duration::from_secs(60) / (requests - burst).max(1);
        vec![Limit { scope: Scope::Endpoint, what: Counted::All, burst, every }]
    }
}
