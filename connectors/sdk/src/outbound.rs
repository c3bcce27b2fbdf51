//! The sending half of a channel: plain data in, plain data out, as the receiving half.
//!
//! What is to be sent is first planned ([`Outbound::plan`]): fitted to what the channel can do and split into pieces, each
//! of which becomes one message at the channel. Each piece is then stepped through ([`Outbound::step`]): given the answers
//! so far, the connector says which HTTP call comes next, or how it ended. The dispatcher owns HTTP, time, retries,
//! limits and credentials. A token never passes through a connector's call: it writes [`TOKEN`] where it belongs.

mod account;
mod buttons;
mod call;
mod capability;
mod features;
mod file;
mod mail;
mod outcome;
mod planner;
mod proof;
mod refresh;
mod reply;
mod short_message;
mod stop;
mod window;

use std::{
    collections::BTreeMap,
    fmt,
    time::{Duration, SystemTime},
};

use kenh_proto::v1::{Capabilities, Email, SendPurpose, SendReason, SenderRole, outbound_action::What};

pub use account::{Accounts, SendingAccount};
pub use buttons::buttons_below;
pub use call::{Answer, Body, Call, Effect, File, Method, REPLY_TOKEN, Reply, TOKEN, basic, with_token};
pub use capability::{OptionRule, check_options, conditional, native, partial};
pub use features::{Features, feature_of};
pub use file::file;
pub use mail::{Mail, Submission, User};
pub use outcome::{Accepted, Failure, Outcome, Retry};
pub use planner::{Planned, Refusal, plan, plan_where};
pub use proof::possession;
pub use refresh::{Pair, Refresh, RefreshError, read_oauth};
pub use reply::coded;
pub use short_message::ShortMessage;
pub use stop::{Stop, replied};
pub use window::Window;

use crate::Secret;

/// The sending half of one configured endpoint.
pub trait Outbound: fmt::Debug + Send + Sync {
    /// The accounts it can send from.
    fn accounts(&self) -> &Accounts;

    /// What the channel can do. What is planned is computed from it; what is not listed it cannot do.
    fn capabilities(&self) -> Capabilities;

    /// Fits an action to the channel and splits it into what it takes at a time. The default suits most channels.
    fn plan(&self, order: &Order<'_>) -> Result<Planned, Refusal> {
        plan(&self.capabilities(), order)
    }

    /// Given the answers so far, none at first, what to do next. The same answers give the same step: after a restart the
    /// answers are given again.
    fn step(&self, sending: &Sending<'_>, answers: &[Answer]) -> Step;

    /// Whether the channel's time for answering applies to this. Templates are made for sending outside of it.
    fn needs_window(&self, order: &Order<'_>) -> bool {
        !matches!(order.what, What::Message(message) if features::is_template(message))
    }

    /// The channel's id of the conversation that a message to a contact begins, where each one begins a conversation of its
    /// own, as mail does. `message`: our own id of it.
    fn opens(&self, _account: &str, _message: &str) -> Option<String> {
        None
    }

    /// What a header of an answer other than `Retry-After` says of when to call again; its name is in lower case. The
    /// dispatcher asks for every header and puts the longest time into [`Reply::retry_after`]. `now` is for channels that name
    /// the moment.
    fn pause(&self, _header: &str, _value: &str, _now: SystemTime) -> Option<Duration> {
        None
    }

    /// Whether [`Sending::reply_token`] is good for one message only, as most channels have it. Else every piece gets it, as long
    /// as it is good.
    fn reply_token_is_single_use(&self) -> bool {
        true
    }

    /// What the channel calls a call it answered, for its support: an id it made, never anything of a message.
    fn request_id(&self, _reply: &Reply) -> Option<String> {
        None
    }

    /// How long a piece has to wait though it is due, and why: at night nothing promotional is sent.
    fn wait(&self, _sending: &Waiting<'_>) -> Option<(Duration, SendReason)> {
        None
    }

    /// Why the channel did not deliver what it had taken, by the code of its receipt, and whether it may do so later.
    fn undelivered(&self, code: Option<&str>) -> Failure {
        Failure { reason: SendReason::Refused, code: code.map(Into::into), retry: Retry::Never }
    }

    /// How fast it may be called.
    fn limits(&self) -> Vec<Limit> {
        Vec::new()
    }

    /// How its tokens are renewed, where they have to be.
    fn refresh(&self) -> Option<&dyn Refresh> {
        None
    }
}

/// What somebody wants done.
#[derive(Clone, Copy)]
pub struct Order<'a> {
    /// The action, whole.
    pub what: &'a What,
    /// Where to.
    pub to: &'a To,
    /// Who wrote it.
    pub role: SenderRole,
    /// What it is for.
    pub purpose: SendPurpose,
    /// Whether the channel's time for answering is open, as far as is known.
    pub window: Window,
    /// Nothing may be converted or left out.
    pub strict: bool,
    /// Settings only this channel has; their names are among [`Capabilities::options`].
    pub options: &'a BTreeMap<String, String>,
    /// The channel's id of the conversation, as [`kenh_proto::v1::Conversation::external_id`] has it, where it is known:
    /// some channels want it beside the contact's.
    pub conversation: Option<&'a str>,
    /// As [`Sending::answered`].
    pub answered: Option<&'a Email>,
    /// The time at which it is to be sent.
    pub now: SystemTime,
}

/// A piece that is due.
#[derive(Clone, Copy)]
pub struct Waiting<'a> {
    /// The piece.
    pub what: &'a What,
    /// What it is for.
    pub purpose: SendPurpose,
    /// The time.
    pub now: SystemTime,
}

/// One piece on its way.
#[derive(Clone, Copy)]
pub struct Sending<'a> {
    /// The piece.
    pub what: &'a What,
    /// Where to.
    pub to: &'a To,
    /// The channel's id of the account it is sent from.
    pub account: &'a str,
    /// Who wrote it.
    pub role: SenderRole,
    /// What it is for.
    pub purpose: SendPurpose,
    /// Whether the channel's time for answering is open now, as far as is known.
    pub window: Window,
    /// Settings only this channel has.
    pub options: &'a BTreeMap<String, String>,
    /// As [`Order::conversation`].
    pub conversation: Option<&'a str>,
    /// Of the contact's last mail in the conversation what an answer has to name: subject, Message-ID, references, and whether a
    /// program sent it. On other channels nothing.
    pub answered: Option<&'a Email>,
    /// Our own id of this piece, `<OutboundMessage.id>.<index>`: for channels that echo a reference, or know repeats by a
    /// key.
    pub reference: &'a str,
    /// Which piece of the message it is, from 0, and how many there are.
    pub piece: (u32, u32),
    /// The token an answer must carry, where the channel hands one out and it has not been used yet. Where it belongs into an
    /// address, [`REPLY_TOKEN`] stands for it.
    pub reply_token: Option<&'a str>,
    /// Where the channel wants to be answered in this conversation, as its events said: to be called only where the host is
    /// one that is trusted ([`crate::address::host`]).
    pub reply_address: Option<&'a str>,
    /// Only to prove its possession (Meta's and Zalo's `appsecret_proof`); where it goes into a call, [`TOKEN`] stands.
    pub token: &'a Secret,
    /// The time.
    pub now: SystemTime,
}

// By hand, these three: what is sent is somebody's words.
impl fmt::Debug for Order<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Order").field("role", &self.role).field("purpose", &self.purpose).finish_non_exhaustive()
    }
}

impl fmt::Debug for Waiting<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiting").field("purpose", &self.purpose).finish_non_exhaustive()
    }
}

impl fmt::Debug for Sending<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sending").field("reference", &self.reference).finish_non_exhaustive()
    }
}

/// Whom something is for.
#[derive(Clone, PartialEq, Eq)]
pub enum To {
    /// A person, by an id of a scheme as [`kenh_proto::v1::Identity`] has them.
    Contact {
        /// What sort of id.
        scheme: String,
        /// The id.
        value: String,
    },
    /// A group, by the channel's id.
    Group(String),
    /// The author of a comment, by the channel's id of the comment.
    Comment(String),
    /// The author of a post, by the channel's id of the post.
    Post(String),
    /// Nobody in particular: the action names what it is about.
    Account,
}

// By hand: an address can be a phone number.
impl fmt::Debug for To {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Contact { .. } => "To::Contact",
            Self::Group(_) => "To::Group",
            Self::Comment(_) => "To::Comment",
            Self::Post(_) => "To::Post",
            Self::Account => "To::Account",
        })
    }
}

/// What to do next for a piece.
#[derive(Debug)]
pub enum Step {
    /// Make this call and step again with its answer.
    Call(Call),
    /// Hand over this mail and step again with the server's answer.
    Mail(Mail),
    /// Hand over this short message and step again with the message centre's answer.
    ShortMessage(ShortMessage),
    /// Fetch a file from a public address and step again with it.
    Fetch {
        /// The address, as the caller gave it.
        url: String,
        /// Bytes at most; a larger one is an [`Answer::NotFetched`].
        max_bytes: u64,
    },
    /// It has ended.
    Done(Outcome),
}

/// So many calls in a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// What they are counted for.
    pub scope: Scope,
    /// Which pieces count.
    pub what: Counted,
    /// How many at once.
    pub burst: u32,
    /// Time in which one more is allowed.
    pub every: Duration,
}

/// What calls are counted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// All accounts of the endpoint together.
    Endpoint,
    /// One account.
    Account,
    /// One recipient of one account.
    Recipient,
}

/// Which pieces a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Counted {
    /// All of them.
    All,
    /// Messages and reactions, as opposed to typing, reading and what is done to comments.
    Messages,
    /// Those with a film or sound.
    AudioVideo,
    /// Private answers to comments.
    PrivateReplies,
    /// Those to groups.
    Groups,
}
