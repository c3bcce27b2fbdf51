//! What a session wants done, and why it did not take something.

/// A mail as it came, with what was said of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// What the peer calls itself.
    pub hello: String,
    /// Whether the connection was encrypted.
    pub encrypted: bool,
    /// Who sent it; empty for a bounce.
    pub from: String,
    /// Who is to get it: each was taken, and may stand here twice.
    pub to: Vec<String>,
    /// The message (RFC 5322), as it was sent.
    pub message: Vec<u8>,
}

// By hand: it holds a customer's words.
impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mail").field("size", &self.message.len()).finish_non_exhaustive()
    }
}

/// Why something was not taken. A closed list, for metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Nobody here is called that.
    RecipientUnknown,
    /// The mail has too many recipients.
    TooManyRecipients,
    /// It said that it is larger than what is taken.
    TooLarge,
    /// The connection has to be encrypted first.
    TlsMissing,
    /// It comes at the wrong time.
    OutOfOrder,
    /// It is not as the standard has it.
    Syntax,
    /// The line is too long.
    LineTooLong,
    /// Nobody knows it, or it is not served.
    Unknown,
}

impl Refused {
    /// As a label.
    pub const fn word(self) -> &'static str {
        match self {
            Self::RecipientUnknown => "recipient_unknown",
            Self::TooManyRecipients => "too_many_recipients",
            Self::TooLarge => "too_large",
            Self::TlsMissing => "tls_missing",
            Self::OutOfOrder => "out_of_order",
            Self::Syntax => "syntax",
            Self::LineTooLong => "line_too_long",
            Self::Unknown => "unknown",
        }
    }
}

/// What is to be done next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Nothing before more bytes come.
    Read,
    /// Say this.
    Say(String),
    /// Say this to a command that was no good.
    Refuse(String, Refused),
    /// Say this, encrypt the connection, then call [`super::Session::encrypted`].
    StartTls(String),
    /// Deal with a mail, then call [`super::Session::judged`].
    Mail(Box<Mail>),
    /// Say this of a mail that came whole and is not taken; why.
    Drop(String, Dropped),
    /// Say this and go.
    Close(String, Closed),
}

/// Why a mail that came whole is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dropped {
    /// It is larger than what is taken.
    TooLarge,
    /// Another server could see two mails in it.
    Misshapen,
    /// There was no room to keep it; the peer has to come back with it.
    NoRoom,
}

/// Why a session is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// The peer said so.
    Quit,
    /// Too much of what it said was no good.
    TooManyErrors,
}
