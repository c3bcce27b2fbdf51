//! What the dispatcher of this process knows of accounts, for the api of this process.

use std::time::SystemTime;

use kenh_dispatch::Accounts;
use kenh_outbound::timestamp;
use kenh_proto::v1::AccountHealth;
use tokio::sync::watch;

pub(crate) struct Fares(pub(crate) Accounts);

impl kenh_api::Fares for Fares {
    fn fare(&self, channel: &'static str, endpoint: &str, account: &str) -> Option<AccountHealth> {
        let report = self.0.report(channel, endpoint, account)?;
        let (last_error_at, code) = report.last_error.unzip();
        Some(AccountHealth {
            channel: channel.into(),
            endpoint: endpoint.into(),
            account: account.into(),
            state: report.state.into(),
            last_success_at: report.last_success.map(moment),
            last_error_at: last_error_at.map(moment),
            last_error_code: code.flatten(),
            ..AccountHealth::default()
        })
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.0.changes()
    }
}

fn moment(at: SystemTime) -> prost_types::Timestamp {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
