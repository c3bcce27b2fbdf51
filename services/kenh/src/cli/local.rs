//! The gateway itself, and what needs no running one.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::ConfigFile;

#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(crate) file: ConfigFile,
    /// Services to run in this process. All of them when none is named.
    #[arg(long, value_enum, value_delimiter = ',')]
    pub(crate) role: Vec<Role>,
    #[arg(
        long,
        help = "Serve gRPC on an address that others can reach without asking who calls; takes effect together with access.allow_unauthenticated of the configuration"
    )]
    pub(crate) allow_unauthenticated: bool,
    /// Channels whose webhooks are served here. All of them when none is named.
    #[arg(long, value_delimiter = ',', value_name = "CHANNEL")]
    pub(crate) channel: Vec<String>,
}

/// A service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    /// Webhooks in.
    Ingress,
    /// Channels that are read in, such as mailboxes.
    Poller,
    /// The gRPC stream out; takes what is to be sent.
    Api,
    /// Gives what is to be sent to the channels.
    Dispatch,
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Port for webhooks; the gRPC port and the admin port can be set in the same way.
    #[arg(long, default_value_t = 8080)]
    pub(crate) port: u16,
    /// Port for gRPC.
    #[arg(long, default_value_t = 50051)]
    pub(crate) api_port: u16,
    /// Port for /healthz, /readyz and /metrics.
    #[arg(long, default_value_t = 9090)]
    pub(crate) admin_port: u16,
    /// End after the samples instead of serving until Ctrl-C.
    #[arg(long)]
    pub(crate) once: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    /// Say everything that is wrong with a configuration, with lines; say nothing when it is right.
    Check(CheckConfig),
    /// Print a complete, commented configuration.
    Example,
}

#[derive(Debug, Args)]
pub(crate) struct CheckConfig {
    #[command(flatten)]
    pub(crate) file: ConfigFile,
    /// Services the process is to run, as for `kenh serve`. All of them when none is named.
    #[arg(long, value_enum, value_delimiter = ',')]
    pub(crate) role: Vec<Role>,
}

#[derive(Debug, Args)]
pub(crate) struct Normalize {
    /// Channel the call came from.
    pub(crate) channel: String,
    /// File with the body; `-` for standard input.
    #[arg(default_value = "-", value_name = "FILE")]
    pub(crate) body: PathBuf,
    #[command(flatten)]
    pub(crate) file: ConfigFile,
    /// Endpoint of the configuration whose settings the call is read with, and whose secrets it is verified with.
    #[arg(long, value_name = "NAME", required_unless_present = "no_verify")]
    pub(crate) endpoint: Option<String>,
    /// Take the call as it is; the events are marked as unsigned. Without an endpoint it needs no configuration.
    #[arg(long)]
    pub(crate) no_verify: bool,
    /// A header of the call, `Name: value`. May be given again.
    #[arg(long = "header", value_name = "NAME: VALUE")]
    pub(crate) headers: Vec<String>,
    /// HTTP method of the call.
    #[arg(long, default_value = "POST")]
    pub(crate) method: String,
    /// Address of the call; its query is what matters.
    #[arg(long, default_value = "/")]
    pub(crate) url: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AccessCommand {
    /// Print a new API key, once, and what the configuration keeps of it.
    NewKey {
        /// Name of the client it is for.
        name: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum CredentialsCommand {
    /// Print a new key for `credentials.keys`.
    NewKey,
    /// Drop what is kept of an account, straight from the state store; with SQLite the gateway must not run. The
    /// configured `refresh_token` is what it begins with again: put the one of a new consent there.
    Discard(DiscardCredential),
}

#[derive(Debug, Args)]
pub(crate) struct DiscardCredential {
    #[command(flatten)]
    pub(crate) file: ConfigFile,
    /// The account: channel, endpoint and the channel's id, `zalo/main/7770001112223334445`.
    pub(crate) account: String,
}
