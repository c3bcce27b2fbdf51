//! Mailboxes that the gateway reads, where a channel is one. The poller does the reading (IMAP).

use std::time::Duration;

use crate::{
    Section,
    mail_server::{Login, MailServer, Ports},
};

/// The media type of a delivery that is one whole message (RFC 5322), as a mailbox holds it.
pub const MESSAGE: &str = "message/rfc822";
/// The media type of a delivery of which only the header came: the message is larger than [`Mailbox::largest`].
pub const MESSAGE_HEADER: &str = "text/rfc822-headers";

/// A mailbox and how it is read.
#[derive(Debug, Clone)]
pub struct Mailbox {
    /// The IMAP server.
    pub server: MailServer,
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
        let server = MailServer::read(imap, Ports { tls: 993, starttls: 143 }, true);
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
        let largest = imap.bytes("largest", 3 << 20);
        let afterwards = afterwards(imap, &folders);
        let login = Login::read(imap).unwrap_or_else(|| {
            imap.fault("password", "expected a password, or oauth with a token_url");
            Login::default()
        });
        Self { server, user, login, folders, afterwards, begin, poll_every, largest }
    }
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
