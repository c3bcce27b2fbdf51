//! Mail as connectors describe it.

use std::{fmt, sync::Arc};

use bytes::Bytes;

use crate::{
    Section,
    mail_server::{Login, MailServer, OAuth, Ports},
};

/// A server that takes mail for others (RFC 6409).
#[derive(Debug, Clone)]
pub struct Submission {
    /// Where it is.
    pub server: MailServer,
    /// Who signs in; nobody where the server wants nothing of the sort.
    pub user: Option<User>,
    /// What the gateway calls itself.
    pub hello: Option<String>,
}

/// Who signs in.
#[derive(Debug, Clone)]
pub struct User {
    /// The name.
    pub name: String,
    /// Where access tokens come from. Without it the account's token is the password.
    pub oauth: Option<OAuth>,
}

impl Submission {
    /// Reads a server with `user` and what proves it, which is given back besides where it is a password. Faults are
    /// collected by the section.
    pub fn read(section: &mut Section<'_>) -> (Self, Option<crate::Secret>) {
        let (name, login, hello) = (section.text("user"), Login::read(section), section.text("hello"));
        let server = MailServer::read(section, Ports { tls: 465, starttls: 587 }, name.is_some());
        let (oauth, password) = match login {
            Some(Login::Password(password)) => (None, Some(password)),
            Some(Login::OAuth(oauth)) => (Some(oauth), None),
            None => (None, None),
        };
        match (&name, oauth.is_some() || password.is_some()) {
            (Some(_), false) => section.fault("password", "expected a password or oauth, as a user is named"),
            (None, true) => section.fault("user", "expected a user, as there is something that proves one"),
            (Some(_), true) | (None, false) => {}
        }
        (Self { server, user: name.map(|name| User { name, oauth }), hello }, password)
    }

    /// Where it is, as may be written down.
    pub fn address(&self) -> String {
        format!("smtp://{}:{}", self.server.host, self.server.port)
    }
}

/// A mail for the dispatcher to hand to a server. Its answer is a [`super::Reply`] whose status is the server's code (RFC 5321,
/// 4.2) and whose body is its text, wherever in the exchange it refused; what breaks before the text was given is
/// [`super::Answer::NotSent`], afterwards [`super::Answer::NoReply`].
#[derive(Clone)]
pub struct Mail {
    /// Who takes it.
    pub submission: Arc<Submission>,
    /// Where bounces go.
    pub sender: String,
    /// Everybody who is to get it. All or nobody.
    pub recipients: Vec<String>,
    /// The message (RFC 5322), lines ending with CR and LF, ASCII.
    pub message: Bytes,
}

// By hand: addresses and words.
impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mail({} bytes to {} recipients)", self.message.len(), self.recipients.len())
    }
}
