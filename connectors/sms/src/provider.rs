//! What a provider is: tables. How its calls are proven, what they hold, how it is asked to send, what its answers mean.

use connector_sdk::{
    Sample,
    fields::{Item, Items, Paths},
    outbound::Effect,
    phone::Numbers,
};
use kenh_proto::v1::{ReceiptStatus, SendReason};

use crate::{clock::Clock, proof::Scheme};

/// One provider. `providers.rs` lists them.
pub(crate) struct Provider {
    /// Its name in settings.
    pub(crate) name: &'static str,
    /// What it calls the setting `user`; `None` where it has nothing of the sort.
    pub(crate) user: Option<&'static str>,
    /// How its calls are proven.
    pub(crate) proof: &'static Scheme,
    /// What a call holds.
    pub(crate) items: Items,
    /// It delivers with GET too.
    pub(crate) by_get: bool,
    /// How it writes numbers.
    pub(crate) numbers: Numbers,
    /// What an item is: the first rule that applies.
    pub(crate) rules: &'static [(&'static [When], Rule)],
    /// How it is asked to send.
    pub(crate) sends: Sends,
    /// An endpoint's settings, with secrets from the environment.
    pub(crate) example: &'static str,
    /// A call of each sort.
    pub(crate) samples: &'static [Sample],
}

// By hand: the tables are long, and the same for all.
impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Provider({})", self.name)
    }
}

impl Provider {
    /// Hosts of its files that want the account's name and secret.
    pub(crate) fn media_hosts(&self) -> &'static [&'static str] {
        let files = self.rules.iter().find_map(|(_, rule)| match rule {
            Rule::Message(message) => message.media,
            Rule::Report(_) => None,
        });
        files.map(|files| files.hosts).unwrap_or_default()
    }
}

/// What an item must have for a rule to apply.
#[derive(Debug, Clone, Copy)]
pub(crate) enum When {
    /// The field is there.
    Has(&'static str),
    /// The field is one of these.
    Is(&'static str, &'static [&'static str]),
}

/// What an item is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Rule {
    /// A message somebody wrote.
    Message(Message),
    /// How far something we sent has come.
    Report(Report),
}

/// Where a message has what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Message {
    /// The provider's id. Without one, what came twice within a while is one message.
    pub(crate) id: Paths,
    /// Who wrote it.
    pub(crate) from: Paths,
    /// Our number.
    pub(crate) to: Paths,
    /// What it says.
    pub(crate) text: Paths,
    /// When, and how that is written.
    pub(crate) at: Option<(Paths, Clock)>,
    /// Files, where there are any.
    pub(crate) media: Option<Files>,
    /// Where the provider says that it took the text for STOP, START or HELP.
    pub(crate) opt_out: Paths,
}

/// Where a message has its files, and who may have them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Files {
    /// Address of each, `#` being its number from 0.
    pub(crate) url: &'static str,
    /// Its type.
    pub(crate) mime: &'static str,
    /// Hosts that want the account's name and secret; none where anybody may fetch.
    pub(crate) hosts: &'static [&'static str],
}

/// Where a report has what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Report {
    /// The provider's id of the message.
    pub(crate) id: Paths,
    /// What a further report of the same message differs in, beside its status.
    pub(crate) key: &'static [&'static str],
    /// How far.
    pub(crate) status: Status,
    /// From which of our numbers or names it was sent. Of several the one we send from counts.
    pub(crate) from: Paths,
    /// To whom.
    pub(crate) to: Paths,
    /// When, and how that is written.
    pub(crate) at: Option<(Paths, Clock)>,
    /// Code of a failure.
    pub(crate) code: Paths,
    /// What the provider says of a failure.
    pub(crate) detail: Paths,
    /// Our own reference.
    pub(crate) reference: Paths,
    /// What else there is to keep, and under which name.
    pub(crate) values: &'static [(&'static str, &'static str)],
}

/// Where and how a report says how far.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Status {
    /// By words.
    Words(Paths, &'static [(&'static str, ReceiptStatus)]),
    /// By a rule: the provider's word, and what it means.
    Read(fn(&Item) -> Option<(String, ReceiptStatus)>),
}

/// How a provider is asked to send.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sends {
    /// The address of its API.
    pub(crate) api_url: &'static str,
    /// The path behind it; `{user}` stands for the setting.
    pub(crate) path: &'static str,
    /// How the account is proven.
    pub(crate) auth: Auth,
    /// A form, as opposed to JSON.
    pub(crate) form: bool,
    /// Members in which the account's token stands.
    pub(crate) token_in: &'static [&'static str],
    /// What is sent: where, and what.
    pub(crate) fields: &'static [(&'static str, Field)],
    /// How numbers are written.
    pub(crate) written: Written,
    /// Characters of one message at most.
    pub(crate) longest: u32,
    /// Whether a repeated call is known by a key it carries.
    pub(crate) effect: Effect,
    /// What an answer says.
    pub(crate) answer: Answers,
    /// What a code means. One that is not here is REFUSED, or what its HTTP status says.
    pub(crate) errors: &'static [(&'static [&'static str], SendReason, Then)],
    /// The token is one of OAuth, renewed with the account's `refresh_token`.
    pub(crate) oauth: bool,
}

/// How an account is proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Auth {
    /// By what stands in the body alone.
    Body,
    /// The user's name and the token, as HTTP has them.
    Basic,
    /// The token as a name, with this password.
    BasicToken(&'static str),
    /// A header with this value, `{token}` being the token.
    Header(&'static str, &'static str),
    /// A token of Stringee's made for each call with the account's key.
    StringeeJwt,
}

/// What stands in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    /// To whom.
    To,
    /// From which number or name; left out where a service stands for them.
    From,
    /// The service that chooses the number (Twilio's `MG…`).
    Service,
    /// What it says.
    Text,
    /// The same in base64.
    TextBase64,
    /// The addresses of the files.
    Media,
    /// Our own reference of it.
    Reference,
    /// Where reports go, if that is configured.
    Callback,
    /// The setting `user`.
    User,
    /// The account's token.
    Token,
    /// The session a token was made for (FPT).
    Session,
    /// These words.
    Words(&'static str),
    /// One of two words: where the text is GSM-7, and where it is not.
    ByEncoding(&'static str, &'static str),
    /// The provider's kind of message, as text: in general, and of advertising. The option `sms_type` says otherwise.
    Kind(&'static str, &'static str),
    /// The same as a number.
    KindNumber(&'static str, &'static str),
}

/// How a provider wants numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// `+84912345678`
    Plus,
    /// `84912345678`
    Digits,
    /// `0912345678`; numbers of other countries as digits.
    National,
}

/// What an answer says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answers {
    /// It was taken.
    pub(crate) taken: When,
    /// It was not, although it says so: what the answer has then, and the field with its code, or what stands for one.
    pub(crate) but_not: Option<(When, &'static str)>,
    /// Ids of the message.
    pub(crate) id: Paths,
    /// The code of a failure.
    pub(crate) code: Paths,
    /// What else there is to keep, and under which name.
    pub(crate) notes: &'static [(&'static str, &'static str)],
}

/// Whether to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Then {
    /// It would fail again.
    Never,
    /// After a pause.
    Soon,
    /// With a new token.
    NewToken,
}

impl When {
    /// Whether an item has it.
    pub(crate) fn applies(self, item: &Item) -> bool {
        match self {
            Self::Has(path) => item.has(path),
            Self::Is(path, words) => {
                item.get_at(path).is_some_and(|word| words.iter().any(|known| word.eq_ignore_ascii_case(known)))
            }
        }
    }
}
