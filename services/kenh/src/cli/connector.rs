//! Arguments of `kenh connector`.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Subcommand};

use super::ConfigFile;

#[derive(Debug, Subcommand)]
pub(crate) enum ConnectorCommand {
    /// Wait for a process to attach, give it the calls of a folder and what can be made of them, and say which rules it breaks.
    /// Exit code 1 when it breaks one. Nothing is stored; no gateway has to run.
    Check(CheckConnector),
}

#[derive(Debug, Args)]
pub(crate) struct CheckConnector {
    /// Its channel, x-….
    pub(crate) channel: String,
    #[arg(
        value_name = "FOLDER",
        help = "Folder with calls: message.json, message.headers with a `Name: value` each line, message.events.json with what it becomes"
    )]
    pub(crate) fixtures: PathBuf,
    #[command(flatten)]
    pub(crate) file: ConfigFile,
    /// Endpoint of the configuration whose settings the process is given.
    #[arg(long, value_name = "NAME", default_value = "main")]
    pub(crate) endpoint: String,
    /// Where the process is to attach.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:50051")]
    pub(crate) listen: SocketAddr,
    /// Seconds to wait for it.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u16).range(1..=3600))]
    pub(crate) wait: u16,
    /// Write down what the calls become as what they have to become.
    #[arg(long)]
    pub(crate) write: bool,
}
