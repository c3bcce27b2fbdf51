//! What came in: events as they arrive, their files, and those nobody could deal with.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Api, ConfigFile};

#[derive(Debug, Args)]
pub(crate) struct Simulate {
    /// Channel to speak as.
    pub(crate) channel: String,
    /// Sample to send; without it, the samples are listed.
    pub(crate) event: Option<String>,
    #[command(flatten)]
    pub(crate) file: ConfigFile,
    /// Endpoint of the configuration to post to; may be left out when the channel has only one.
    #[arg(long, value_name = "NAME")]
    pub(crate) endpoint: Option<String>,
    /// Address of the gateway. Its `ingress.listen` when left out.
    #[arg(long, value_name = "URL")]
    pub(crate) to: Option<String>,
    /// How many to send, each a new event.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) count: u32,
    /// Send the sample byte for byte, with its old ids and times.
    #[arg(long)]
    pub(crate) exact: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Tail {
    #[command(flatten)]
    pub(crate) api: Api,
    /// Where to begin: `latest`, `earliest`, a time such as 2026-01-31T12:00:00Z, or a cursor.
    #[arg(long, default_value = "latest")]
    pub(crate) from: String,
    /// Only these channels.
    #[arg(long, value_delimiter = ',', value_name = "CHANNEL")]
    pub(crate) channel: Vec<String>,
    /// Only these accounts.
    #[arg(long, value_delimiter = ',', value_name = "ID")]
    pub(crate) account: Vec<String>,
    /// Only these kinds: message, receipt, reaction, …
    #[arg(long, value_delimiter = ',', value_name = "KIND")]
    pub(crate) kind: Vec<String>,
    /// Only these conversations.
    #[arg(long, value_delimiter = ',', value_name = "ID")]
    pub(crate) conversation: Vec<String>,
    /// Print proto3 JSON, one event a line. The default when the output is no terminal.
    #[arg(long)]
    pub(crate) json: bool,
    /// End after so many events.
    #[arg(long, value_name = "N")]
    pub(crate) count: Option<u64>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Parked {
    /// Print them, oldest first; one JSON object a line when the output is no terminal.
    List(ParkedList),
    /// Print the whole event as proto3 JSON, with the bytes it was made from.
    Show(ParkedShow),
    /// Try again: deliver to its subscription once more, or read what could not be read. Exit code 1 when some stay.
    Redrive(ParkedIds),
    /// Drop for good.
    Discard(ParkedIds),
}

#[derive(Debug, Args)]
pub(crate) struct ParkedList {
    #[command(flatten)]
    pub(crate) api: Api,
    /// Only those of this subscription.
    #[arg(long, value_name = "NAME")]
    pub(crate) subscription: Option<String>,
    /// Only those that the gateway itself could not read.
    #[arg(long, conflicts_with = "subscription")]
    pub(crate) unreadable: bool,
    /// Only those of this channel.
    #[arg(long)]
    pub(crate) channel: Option<String>,
    /// Print JSON on a terminal too.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ParkedShow {
    #[command(flatten)]
    pub(crate) api: Api,
    /// Its id, from `kenh parked list`.
    pub(crate) id: String,
}

#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("which").required(true).args(["ids", "subscription", "unreadable"])))]
pub(crate) struct ParkedIds {
    #[command(flatten)]
    pub(crate) api: Api,
    /// Ids from `kenh parked list`.
    #[arg(value_name = "ID")]
    pub(crate) ids: Vec<String>,
    /// All of this subscription.
    #[arg(long, value_name = "NAME")]
    pub(crate) subscription: Option<String>,
    /// All that the gateway itself could not read.
    #[arg(long)]
    pub(crate) unreadable: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum MediaCommand {
    /// Write the bytes of a file to a file or to standard output.
    Get(GetMedia),
}

#[derive(Debug, Args)]
pub(crate) struct GetMedia {
    #[command(flatten)]
    pub(crate) api: Api,
    /// Id of the event.
    #[arg(value_name = "EVENT_ID")]
    pub(crate) id: String,
    /// Place of the file among the event's parts.
    #[arg(default_value_t = 0)]
    pub(crate) part: u32,
    /// Where to write it; standard output when left out. It is there whole, or not at all.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Conversation of the event, where it is known: it makes the search shorter.
    #[arg(long, value_name = "ID", default_value = "")]
    pub(crate) conversation: String,
}
