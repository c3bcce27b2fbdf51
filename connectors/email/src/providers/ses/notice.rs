//! What SES says of a mail, in the notification's message.

use std::collections::HashMap;

use connector_sdk::json::{Soft, Word};
use serde::Deserialize;

/// What SES says of a mail.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Notice {
    pub(super) notification_type: Soft<Word>,
    pub(super) mail: Soft<MailInfo>,
    pub(super) receipt: Soft<Receipt>,
    pub(super) content: Soft<Word>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct MailInfo {
    pub(super) source: Soft<Word>,
    pub(super) message_id: Soft<Word>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Receipt {
    pub(super) recipients: Soft<Vec<String>>,
    pub(super) spf_verdict: Soft<Verdict>,
    pub(super) dkim_verdict: Soft<Verdict>,
    pub(super) dmarc_verdict: Soft<Verdict>,
    pub(super) action: Soft<Action>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Verdict {
    pub(super) status: Soft<Word>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Action {
    pub(super) encoding: Soft<Word>,
}

impl Receipt {
    /// What SES found out about the sender, by method.
    pub(super) fn authentication(&self) -> HashMap<String, String> {
        let verdicts = [("spf", &self.spf_verdict), ("dkim", &self.dkim_verdict), ("dmarc", &self.dmarc_verdict)];
        let told =
            |(method, verdict): (&str, &Soft<Verdict>)| Some((method.to_owned(), result(verdict.0.status.0.get()?)?));
        verdicts.into_iter().filter_map(told).collect()
    }
}

fn result(verdict: &str) -> Option<String> {
    match verdict {
        "PASS" => Some("pass".into()),
        "FAIL" => Some("fail".into()),
        // Not told by anything, or not worked out.
        "GRAY" => Some("none".into()),
        "PROCESSING_FAILED" => Some("temperror".into()),
        _ => None,
    }
}
