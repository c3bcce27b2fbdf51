//! The command line.

mod connector;
mod events;
mod local;
mod outbound;
mod subscription;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub(crate) use connector::{CheckConnector, ConnectorCommand};
pub(crate) use events::{GetMedia, MediaCommand, Parked, ParkedIds, ParkedList, Simulate, Tail};
pub(crate) use local::{AccessCommand, Config, CredentialsCommand, Demo, DiscardCredential, Normalize, Role, Serve};
pub(crate) use outbound::{
    AccountsHealth, ChannelCommand, ChannelLog, Direction, ListMessages, MessageCommand, OneAccount, Send, State,
};
pub(crate) use subscription::{NewSubscription, SubscriptionCommand};

/// A channel-integration gateway: webhooks of chat channels in, one gRPC stream of events out.
///
/// Exit codes: 0 success; 1 something broke while running; 2 the command line or the configuration is wrong.
#[derive(Debug, Parser)]
#[command(name = "kenh", version, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the gateway, or one of its services.
    Serve(Serve),
    /// Run a gateway for trying out: samples of every channel go in, the events come out on the terminal.
    Demo(Demo),
    /// Check a configuration, or print an example of one.
    #[command(subcommand)]
    Config(Config),
    /// Turn one webhook call into the events it holds, as proto3 JSON, one a line.
    Normalize(Normalize),
    /// Sign a sample event as its channel would and post it to a running gateway.
    Simulate(Simulate),
    /// Print the events of a running gateway as they arrive.
    Tail(Tail),
    /// Answer a customer through a running gateway.
    Send(Box<Send>),
    /// Look at what was sent, cancel it, or try it again.
    #[command(subcommand)]
    Message(MessageCommand),
    /// Look at channels and how their accounts fare, and pause an account.
    #[command(subcommand)]
    Channel(ChannelCommand),
    /// Read the files of events.
    #[command(subcommand)]
    Media(MediaCommand),
    /// Hold a connector of your own, in a process of its own, against the contract.
    #[command(subcommand)]
    Connector(ConnectorCommand),
    /// Make a key that renewed tokens are sealed with, or drop what is kept of an account.
    #[command(subcommand)]
    Credentials(CredentialsCommand),
    /// Create, move, look at and delete the named subscriptions of a running gateway.
    #[command(subcommand)]
    Subscription(SubscriptionCommand),
    /// List what nobody could deal with, try it again, or drop it.
    #[command(subcommand)]
    Parked(Parked),
    /// Make keys for those who call the gateway.
    #[command(subcommand)]
    Access(AccessCommand),
    /// Ask a running gateway whether it is ready.
    Health(Health),
}

/// The configuration file.
#[derive(Debug, Clone, Args)]
pub(crate) struct ConfigFile {
    /// Configuration file (YAML). `kenh config example` prints one.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

/// A running gateway, and who calls it.
#[derive(Debug, Default, Args)]
#[expect(clippy::struct_field_names, reason = "they are the names of the flags")]
pub(crate) struct Api {
    /// gRPC address of the gateway; https:// when it has a certificate.
    #[arg(long, default_value = "http://127.0.0.1:50051", value_name = "URL")]
    pub(crate) api: String,
    #[arg(
        long,
        value_name = "FILE",
        help = "File with the API key or token that says who calls. The variable KENH_API_KEY when left out"
    )]
    pub(crate) api_key_file: Option<PathBuf>,
    /// Who signs the gateway's certificate, PEM. Those the system trusts when left out.
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// Certificate that says who calls, PEM.
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(crate) cert: Option<PathBuf>,
    /// Its private key, PEM.
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub(crate) key: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Health {
    /// Address of the gateway's admin port.
    #[arg(long, default_value = "http://127.0.0.1:9090", value_name = "URL")]
    pub(crate) admin: String,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn no_two_arguments_of_a_command_have_one_name() {
        super::Cli::command().debug_assert();
    }
}
