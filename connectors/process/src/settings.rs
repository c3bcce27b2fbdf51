//! The settings of an endpoint.

use std::{sync::Arc, time::Duration};

use connector_sdk::{
    Section,
    process::{ByProcess, Prover, Unread},
};
use connector_webhook::proof::Proof;

use crate::sender::Sender;

/// Long enough for a process near by, and short enough for channels that want their answer within two seconds.
const DEADLINE: Duration = Duration::from_secs(1);
const DEADLINES: std::ops::RangeInclusive<Duration> = Duration::from_millis(50)..=Duration::from_secs(30);
/// Bytes of one account's id.
const LONGEST_ACCOUNT: usize = 256;

/// One endpoint.
#[derive(Debug)]
pub(crate) struct Settings {
    /// Where the gateway proves calls.
    pub(crate) proof: Option<Proof>,
    /// Headers that prove a call, kept with what could not be read.
    pub(crate) kept_headers: Vec<&'static str>,
    pub(crate) by_process: Arc<ByProcess>,
    /// Where it has accounts.
    pub(crate) sender: Option<Sender>,
}

impl Settings {
    /// Reads them. What is wrong is noted, and nothing is made of it.
    pub(crate) fn read(settings: &mut Section<'_>) -> Option<Self> {
        let provers = [("gateway", Prover::Gateway), ("process", Prover::Process)];
        let prover = settings.choice("proven_by", &provers, Prover::Gateway);
        let proof = match prover {
            Prover::Gateway => Some(settings.section("verify", Proof::read)),
            Prover::Process => {
                if settings.has("verify") {
                    let message = "belongs to `proven_by: gateway`: the process proves calls in its own way";
                    settings.fault("verify", message);
                }
                settings.ignore("verify");
                None
            }
        };
        let unread = [("refuse", Unread::Refuse), ("keep", Unread::Keep)];
        let unread = settings.choice("unread", &unread, Unread::Refuse);
        if unread == Unread::Keep && prover == Prover::Process {
            settings.fault("unread", "only a call that the gateway has proven can be kept: set `proven_by: gateway`");
        }
        let deadline = settings.duration("deadline", DEADLINE);
        if !DEADLINES.contains(&deadline) {
            settings.fault("deadline", "expected 50ms to 30s");
        }
        let account = settings.text("account");
        if account.as_ref().is_some_and(|account| account.len() > LONGEST_ACCOUNT) {
            settings.fault(
                "account",
                format!("expected the channel's id of the account, of at most {LONGEST_ACCOUNT} bytes"),
            );
        }
        let given = settings.named_texts("settings");
        let proof = match proof {
            Some(None) => return Sender::read(settings, &Arc::new(ByProcess::new(deadline, prover, unread))).and(None),
            Some(proof) => proof,
            None => None,
        };
        let (kept_headers, withheld) =
            proof.as_ref().map(|proof| (proof.headers(), proof.secret_headers())).unwrap_or_default();
        let mut by_process = ByProcess::new(deadline, prover, unread);
        (by_process.account, by_process.settings, by_process.withheld) = (account, given, withheld);
        let by_process = Arc::new(by_process);
        let sender = Sender::read(settings, &by_process);
        Some(Self { proof, kept_headers, by_process, sender })
    }
}
