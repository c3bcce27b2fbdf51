//! Servers that hold mail (IMAP) or take it for others (SMTP), and how to sign in there.

use std::net::IpAddr;

use crate::{Secret, Section};

/// Where a server is.
#[derive(Debug, Clone)]
pub struct MailServer {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// A PEM file of the authorities to trust, instead of the system's.
    pub ca_file: Option<String>,
}

/// Ports a protocol usually has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ports {
    pub(crate) tls: u16,
    pub(crate) starttls: u16,
}

/// How a connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte (port 993, 465).
    Tls,
    /// STARTTLS before anything is said (port 143, 587).
    StartTls,
    /// Not at all; where somebody signs in to an address of this machine only.
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

impl MailServer {
    /// Reads `host`, `port`, `security` and `ca_file`. Faults are collected by the section. `signs_in`: a password goes there.
    pub(crate) fn read(section: &mut Section<'_>, usual: Ports, signs_in: bool) -> Self {
        let kinds = [("tls", Security::Tls), ("starttls", Security::StartTls), ("none", Security::None)];
        let security = section.choice("security", &kinds, Security::Tls);
        let host = section.required_text("host");
        let is_here = host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        if security == Security::None && signs_in && !is_here {
            let advice = "without TLS the password crosses the network readable: only for 127.0.0.1 and ::1";
            section.fault("security", advice);
        }
        let usual = if security == Security::Tls { usual.tls } else { usual.starttls };
        let port = u16::try_from(section.number("port", 1..=65_535, usual.into())).unwrap_or(usual);
        Self { host, port, security, ca_file: section.text("ca_file") }
    }
}

impl Login {
    /// Reads `password` and `oauth`; `None` where neither is there.
    pub(crate) fn read(section: &mut Section<'_>) -> Option<Self> {
        let password = section.secret("password");
        let oauth = section.section("oauth", |oauth| {
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
        match (password, oauth) {
            (Some(password), None) => Some(Self::Password(password)),
            (None, Some(oauth)) => Some(Self::OAuth(oauth)),
            (Some(password), Some(_)) => {
                section.fault("password", "expected a password or oauth, not both");
                Some(Self::Password(password))
            }
            (None, None) => None,
        }
    }
}

impl Default for Login {
    /// Proves nothing.
    fn default() -> Self {
        Self::Password(Secret::default())
    }
}
