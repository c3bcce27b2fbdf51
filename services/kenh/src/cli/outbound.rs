//! Commands that answer customers.

use clap::{Args, Subcommand, ValueEnum};

use super::Api;

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[command(group(clap::ArgGroup::new("whom").required(true).args(["to", "contact", "group"])))]
pub(crate) struct Send {
    #[command(flatten)]
    pub(crate) api: Api,
    /// What to say.
    pub(crate) text: Option<String>,
    /// A conversation, by the id its events have.
    #[arg(long, value_name = "CONVERSATION")]
    pub(crate) to: Option<String>,
    /// A person, by an id the channel has for them: `psid:660001`, `zalo_uid:555…`, `phone:84912345678`.
    #[arg(long, value_name = "SCHEME:VALUE", requires = "channel")]
    pub(crate) contact: Option<String>,
    /// A group, by the channel's id.
    #[arg(long, value_name = "ID", requires = "channel")]
    pub(crate) group: Option<String>,
    /// The channel, unless a conversation is named.
    #[arg(long)]
    pub(crate) channel: Option<String>,
    /// The account that sends, where the channel has several.
    #[arg(long, value_name = "ID")]
    pub(crate) account: Option<String>,
    /// The message that is answered, by the channel's id.
    #[arg(long, value_name = "ID")]
    pub(crate) quote: Option<String>,
    /// Address of a picture to send along.
    #[arg(long, value_name = "URL")]
    pub(crate) image: Option<String>,
    /// Address of a file to send along.
    #[arg(long, value_name = "URL")]
    pub(crate) file: Option<String>,
    /// A template, by the channel's id.
    #[arg(long, value_name = "ID")]
    pub(crate) template: Option<String>,
    /// The language of the template, where the channel wants it: `en_US`, `vi`.
    #[arg(long, requires = "template")]
    pub(crate) locale: Option<String>,
    /// A value of the template, `NAME=VALUE`. May be given again.
    #[arg(long = "value", value_name = "NAME=VALUE", requires = "template")]
    pub(crate) values: Vec<String>,
    /// A setting only this channel has, `NAME=VALUE`. May be given again.
    #[arg(long = "option", value_name = "NAME=VALUE")]
    pub(crate) options: Vec<String>,
    /// A person wrote it. Channels give people more time to answer.
    #[arg(long)]
    pub(crate) human: bool,
    /// Refuse rather than send anything in another form.
    #[arg(long)]
    pub(crate) strict: bool,
    /// Name of this call: repeated with the same one, nothing is sent again. A new one when left out.
    #[arg(long, value_name = "KEY")]
    pub(crate) idempotency_key: Option<String>,
    /// Say what sending would do, and send nothing.
    #[arg(long)]
    pub(crate) plan: bool,
    /// Do not wait until the channel has taken or refused it.
    #[arg(long)]
    pub(crate) no_wait: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum MessageCommand {
    /// Print one as JSON.
    Show(OneMessage),
    /// Print them, newest first, one JSON object a line.
    List(ListMessages),
    /// Cancel one that is scheduled, waits, or is to be tried again.
    Cancel(OneMessage),
    /// Try one again that failed, expired or has an unknown outcome. You answer for one that arrives twice.
    Retry(OneMessage),
}

#[derive(Debug, Args)]
pub(crate) struct OneMessage {
    #[command(flatten)]
    pub(crate) api: Api,
    /// Its id, as `kenh send` prints it.
    pub(crate) id: String,
}

#[derive(Debug, Args)]
pub(crate) struct ListMessages {
    #[command(flatten)]
    pub(crate) api: Api,
    /// Only of these states.
    #[arg(long, value_enum, value_delimiter = ',')]
    pub(crate) state: Vec<State>,
    /// Only of this channel.
    #[arg(long)]
    pub(crate) channel: Option<String>,
    /// Only of this conversation.
    #[arg(long, value_name = "CONVERSATION")]
    pub(crate) conversation: Option<String>,
    /// At most so many.
    #[arg(long, default_value_t = 100)]
    pub(crate) count: usize,
}

/// Where an outbound message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum State {
    Scheduled,
    Queued,
    Sending,
    Retrying,
    Accepted,
    Failed,
    Unknown,
    Expired,
    Cancelled,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ChannelCommand {
    /// Print every channel with its endpoints and accounts, one JSON object a line.
    List(Api),
    /// Print what a channel can do, one JSON object a line.
    Capabilities(OneChannel),
    /// Print how the accounts that send fare, one JSON object a line.
    Health(AccountsHealth),
    /// Print what was exchanged with channels, newest first; as JSON, one object a line, unless on a terminal.
    Log(Box<ChannelLog>),
    /// Pause sending from an account. What is submitted meanwhile waits.
    Pause(OneAccount),
    /// Resume it.
    Resume(OneAccount),
}

#[derive(Debug, Args)]
pub(crate) struct OneChannel {
    #[command(flatten)]
    pub(crate) api: Api,
    /// Its slug.
    pub(crate) channel: String,
    /// Name of the endpoint, where there are several.
    #[arg(long, default_value = "")]
    pub(crate) endpoint: String,
}

#[derive(Debug, Args)]
pub(crate) struct AccountsHealth {
    #[command(flatten)]
    pub(crate) api: Api,
    /// Go on, and print every change.
    #[arg(long)]
    pub(crate) watch: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ChannelLog {
    #[command(flatten)]
    pub(crate) api: Api,
    /// Go on, and print what is exchanged from now on; first the last `--count`, the oldest of them first.
    #[arg(long, short, conflicts_with = "until")]
    pub(crate) follow: bool,
    /// Only of this channel.
    #[arg(long)]
    pub(crate) channel: Option<String>,
    /// Only of this endpoint.
    #[arg(long)]
    pub(crate) endpoint: Option<String>,
    /// Only of this account, by the channel's id.
    #[arg(long, value_name = "ID")]
    pub(crate) account: Option<String>,
    /// Only this way.
    #[arg(long, value_enum)]
    pub(crate) direction: Option<Direction>,
    /// Only with these outcomes: `stored`, `rejected`, `refused`, `no_answer`, …
    #[arg(long, value_delimiter = ',')]
    pub(crate) outcome: Vec<String>,
    /// Only for these reasons: `window_closed`, `throttled`, `auth_broken`, …
    #[arg(long, value_delimiter = ',')]
    pub(crate) reason: Vec<String>,
    /// Only what failed.
    #[arg(long)]
    pub(crate) failed: bool,
    /// Only about this outbound message.
    #[arg(long, value_name = "ID")]
    pub(crate) message: Option<String>,
    /// Only what began then or later: `2026-01-01T08:00:00+07:00`.
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<jiff::Timestamp>,
    /// Only what began before then.
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<jiff::Timestamp>,
    /// At most so many.
    #[arg(long, default_value_t = 100)]
    pub(crate) count: u32,
    /// JSON also on a terminal.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Which way an exchange went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Direction {
    /// The channel called.
    In,
    /// The gateway called.
    Out,
}

#[derive(Debug, Args)]
pub(crate) struct OneAccount {
    #[command(flatten)]
    pub(crate) channel: OneChannel,
    /// The channel's id of the account.
    pub(crate) account: String,
}
