//! Mailboxes over `IMAP4rev1` (RFC 3501): IDLE (RFC 2177) where the server has it, polling always.

mod command;
mod door;
mod filing;
mod folder;
mod login;
mod name;
mod place;

pub(crate) use door::{Door, Session};
pub(crate) use folder::{Folder, Stuck};

/// Why a folder cannot be read. What servers say is not repeated: it may hold addresses and subjects.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Problem {
    /// No connection.
    #[error("the server cannot be reached: {0}")]
    Unreachable(String),
    /// The server does not take the login.
    #[error("the server refuses the login: check user and password, or the consent")]
    Refused,
    /// No access token.
    #[error("no access token is given out: check oauth")]
    Token,
    /// There is no such folder.
    #[error("the server has no such folder: check `folders`")]
    NoFolder,
    /// The server refuses a command.
    #[error("the server refuses a command")]
    Denied,
    /// The connection broke, or the server says what nobody understands.
    #[error("the connection broke: {0}")]
    Broken(&'static str),
    /// What was read cannot be stored.
    #[error("what was read cannot be stored")]
    Store,
}

impl Problem {
    /// As a metric label.
    pub(crate) fn reason(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "unreachable",
            Self::Refused => "refused",
            Self::Token => "token",
            Self::NoFolder => "no_folder",
            Self::Denied => "denied",
            Self::Broken(_) => "broken",
            Self::Store => "store",
        }
    }
}

impl From<kenh_oauth::NoToken> for Problem {
    fn from(_: kenh_oauth::NoToken) -> Self {
        Self::Token
    }
}

impl From<async_imap::error::Error> for Problem {
    fn from(error: async_imap::error::Error) -> Self {
        use async_imap::error::Error;
        match error {
            Error::Io(_) | Error::ConnectionLost => Self::Broken("it was cut"),
            Error::Bad(_) | Error::No(_) => Self::Denied,
            Error::Parse(_) | Error::Validate(_) | Error::Append | _ => Self::Broken("an answer could not be read"),
        }
    }
}
