//! Mailboxes that the gateway reads, where a channel is one. The poller does the reading (IMAP).

use std::{net::IpAddr, time::Duration};

use crate::{Secret, Section};

/// The media type of a delivery that is one whole message (RFC 5322), as a mailbox holds it.
pub const MESSAGE: &str = "message/rfc822";
/// The media type of a delivery of which only the header came: the message is larger than [`Mailbox::largest`].
pub const MESSAGE_HEADER: &str = "text/rfc822-headers";

/// A mailbox and how it is read.
#[derive(Debug, Clone)]
pub struct Mailbox {
    /// Name or address of the IMAP server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// A PEM file of the authorities to trust, instead of the system's.
    pub ca_file: Option<String>,
    /// The user name.
    pub user: String,
    /// What proves it.
    pub login: Login,
    /// Folders that are read, at least one.
    pub folders: Vec<String>,
    /// What happens to a message once its event is stored.
    pub afterwards: Afterwards,
    /// Where reading begins the first time.
    pub begin: Begin,
    /// How often is looked, beside what the server tells by itself.
    pub poll_every: Duration,
    /// Bytes of a message at most. Of a larger one only the header is read.
    pub largest: u64,
}

/// How a connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte (port 993).
    Tls,
    /// STARTTLS before anything is said (port 143).
    StartTls,
    /// Not at all; to an address of this machine only.
    None,
}

/// What proves a user.
#[derive(Debug, Clone)]
pub enum Login {
    /// A password.
    Password(Secret),
    /// OAuth 2 (XOAUTH2).
    OAuth(OAuth),
}

/// How an access token is come by: with a refresh token, or without one for the application itself (client credentials).
#[derive(Debug, Clone)]
pub struct OAuth {
    /// Where tokens are given out.
    pub token_url: String,
    /// The application.
    pub client_id: String,
    /// What proves it, where it has that.
    pub client_secret: Option<Secret>,
    /// What the mailbox's owner consented with.
    pub refresh_token: Option<Secret>,
    /// What is asked for.
    pub scope: Option<String>,
}

/// What happens to a message once its event is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Afterwards {
    /// Nothing.
    Leave,
    /// It is marked as read.
    MarkSeen,
    /// It is moved into this folder.
    Move(String),
}

/// Where reading begins the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begin {
    /// With what comes from now on.
    New,
    /// With the oldest message there is.
    All,
}

impl Mailbox {
    /// Reads `imap`. Faults are collected by the section.
    pub fn read(imap: &mut Section<'_>) -> Self {
        let kinds = [("tls", Security::Tls), ("starttls", Security::StartTls), ("none", Security::None)];
        let security = imap.choice("security", &kinds, Security::Tls);
        let host = imap.required_text("host");
        if security == Security::None && !is_here(&host) {
            imap.fault("security", "without TLS the password crosses the network readable: only for 127.0.0.1 and ::1");
        }
        let usual = if security == Security::Tls { 993 } else { 143 };
        let port = u16::try_from(imap.number("port", 1..=65_535, usual)).unwrap_or(993);
        let poll_every = imap.duration("poll_every", Duration::from_secs(60));
        if poll_every < Duration::from_millis(100) || poll_every > Duration::from_secs(28 * 60) {
            imap.fault("poll_every", "expected 100ms to 28m");
        }
        let mut folders = imap.texts("folders");
        if folders.is_empty() {
            folders.push("INBOX".into());
        }
        let begin = imap.choice("begin", &[("new", Begin::New), ("all", Begin::All)], Begin::New);
        let user = imap.required_text("user");
        let ca_file = imap.text("ca_file");
        let largest = imap.bytes("largest", 3 << 20);
        let (afterwards, login) = (afterwards(imap, &folders), login(imap));
        Self { host, port, security, ca_file, user, login, folders, afterwards, begin, poll_every, largest }
    }
}

fn is_here(host: &str) -> bool {
    host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn afterwards(imap: &mut Section<'_>, folders: &[String]) -> Afterwards {
    let kinds = [("leave", 0), ("mark_seen", 1), ("move", 2)];
    let kind = imap.choice("afterwards", &kinds, 0);
    let target = imap.text("move_to");
    match (kind, target) {
        (2, Some(target)) if folders.contains(&target) => {
            imap.fault("move_to", "this folder is read itself");
            Afterwards::Leave
        }
        (2, Some(target)) => Afterwards::Move(target),
        (2, None) => {
            imap.fault("move_to", "expected a folder, as afterwards is move");
            Afterwards::Leave
        }
        (_, Some(_)) => {
            imap.fault("move_to", "is used with `afterwards: move` only");
            Afterwards::Leave
        }
        (1, None) => Afterwards::MarkSeen,
        (_, None) => Afterwards::Leave,
    }
}

fn login(imap: &mut Section<'_>) -> Login {
    let password = imap.secret("password");
    let token_url = imap.section("oauth", |oauth| {
        let token_url = oauth.text("token_url")?;
        if !crate::address::is_web(&token_url) {
            oauth.fault("token_url", "expected an https address");
        }
        Some(OAuth {
            token_url,
            client_id: oauth.required_text("client_id"),
            client_secret: oauth.secret("client_secret"),
            refresh_token: oauth.secret("refresh_token"),
            scope: oauth.text("scope"),
        })
    });
    match (password, token_url) {
        (Some(password), None) => Login::Password(password),
        (None, Some(oauth)) => Login::OAuth(oauth),
        (Some(_), Some(_)) => {
            imap.fault("password", "expected a password or oauth, not both");
            Login::Password(Secret::default())
        }
        (None, None) => {
            imap.fault("password", "expected a password, or oauth with a token_url");
            Login::Password(Secret::default())
        }
    }
}
