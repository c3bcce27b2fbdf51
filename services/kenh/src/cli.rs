//! The command line.

mod connector;
mod outbound;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use connector::{CheckConnector, ConnectorCommand};
pub(crate) use outbound::{
    AccountsHealth, ChannelCommand, ChannelLog, Direction, ListMessages, MessageCommand, OneAccount, Send, State,
};

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

#[derive(Debug, Subcommand)]
pub(crate) enum AccessCommand {
    /// Print a new API key, once, and what the configuration keeps of it.
    NewKey {
        /// Name of the client it is for.
        name: String,
    },
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
