//! Named subscriptions.

use clap::{Args, Subcommand};

use super::Api;

#[derive(Debug, Subcommand)]
pub(crate) enum SubscriptionCommand {
    /// Create one.
    Create(NewSubscription),
    /// Print all of them, one JSON object a line.
    List(Api),
    /// Print where one stands, as JSON.
    Stats(NamedSubscription),
    /// Put one elsewhere in the log; open streams go on from there.
    Seek(SeekSubscription),
    /// Delete one with its position and its parked events.
    Delete(NamedSubscription),
}

#[derive(Debug, Args)]
pub(crate) struct NamedSubscription {
    #[command(flatten)]
    pub(crate) api: Api,
    /// Its name.
    pub(crate) name: String,
}

#[derive(Debug, Args)]
pub(crate) struct SeekSubscription {
    #[command(flatten)]
    pub(crate) named: NamedSubscription,
    /// `latest`, `earliest`, a time such as 2026-01-31T12:00:00Z, or a cursor.
    pub(crate) to: String,
}

#[derive(Debug, Args)]
pub(crate) struct NewSubscription {
    #[command(flatten)]
    pub(crate) named: NamedSubscription,
    /// Where it begins: `latest`, `earliest`, a time such as 2026-01-31T12:00:00Z, or a cursor.
    #[arg(long, default_value = "latest")]
    pub(crate) from: String,
    /// Only these channels.
    #[arg(long, value_delimiter = ',', value_name = "CHANNEL")]
    pub(crate) channel: Vec<String>,
    /// Only these kinds: message, receipt, reaction, …
    #[arg(long, value_delimiter = ',', value_name = "KIND")]
    pub(crate) kind: Vec<String>,
    /// Seconds a consumer may keep an event before it is delivered again.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=43_200))]
    pub(crate) ack_deadline: u32,
    /// Deliveries after which an event is parked.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) max_attempts: u32,
}
