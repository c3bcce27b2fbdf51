//! Settings: `access`.

use std::net::SocketAddr;

use connector_sdk::Section;

use crate::{client::Client, oidc, tls::Files};

/// Settings of access control.
#[derive(Debug, Clone)]
pub struct Config {
    pub(crate) clients: Vec<Client>,
    pub(crate) oidc: Option<oidc::Config>,
    pub(crate) tls: Option<Files>,
    pub(crate) reflection: bool,
    allow_unauthenticated: bool,
}

/// Clients there may be.
const MOST_CLIENTS: usize = 1000;

/// Everybody could call from anywhere, and that was not said twice.
#[derive(Debug, Clone, thiserror::Error)]
#[error(
    "api.listen is {address}, which others can reach, and callers would not have to prove who they are: name them under \
     `access` (clients or oidc), listen on 127.0.0.1, or say twice that everybody may do everything: \
     access.allow_unauthenticated: true and `kenh serve --allow-unauthenticated`"
)]
pub struct Exposed {
    address: SocketAddr,
}

impl Config {
    /// Reads `access`.
    pub fn read(section: &mut Section<'_>) -> Self {
        let clients = section.section("clients", |section| {
            let mut clients: Vec<Client> = Vec::new();
            section.each(|name, origin, section| {
                let client = Client::read(name, origin, section);
                if let Some(shared) = shared(&clients, &client) {
                    section.refuse(origin, format!("has a key or certificate of client {shared} too"));
                }
                if clients.len() == MOST_CLIENTS {
                    section.refuse(origin, format!("more than {MOST_CLIENTS} clients; use oidc"));
                }
                clients.push(client);
            });
            clients
        });
        let oidc = section.section("oidc", oidc::Config::read);
        let tls = section.section("tls", Files::read);
        let by_certificate = clients.iter().any(|client| !client.common_names.is_empty() || !client.uris.is_empty());
        if by_certificate && tls.as_ref().is_none_or(|tls| tls.client_ca.is_none()) {
            section.fault("clients", "certificates are not asked for: set tls.client_ca");
        }
        let reflection = section.boolean("reflection", true);
        let allow_unauthenticated = section.boolean("allow_unauthenticated", false);
        Self { clients, oidc, tls, reflection, allow_unauthenticated }
    }

    /// Whether callers have to prove who they are.
    pub fn authenticates(&self) -> bool {
        !self.clients.is_empty() || self.oidc.is_some()
    }

    /// Whether connections are encrypted.
    pub fn encrypts(&self) -> bool {
        self.tls.is_some()
    }

    /// Refuses an address that others can reach, where callers have to prove nothing, unless it was said twice.
    /// `told`: it was said on the command line.
    pub fn check(&self, address: SocketAddr, told: bool) -> Result<(), Exposed> {
        let may = address.ip().is_loopback() || self.authenticates() || (self.allow_unauthenticated && told);
        if may { Ok(()) } else { Err(Exposed { address }) }
    }
}

/// Another client that a client could be taken for.
fn shared<'a>(clients: &'a [Client], new: &Client) -> Option<&'a str> {
    let overlaps = |a: &[String], b: &[String]| a.iter().any(|name| b.contains(name));
    let same = |client: &&Client| {
        client.keys.iter().any(|key| new.keys.iter().any(|other| key.is(other)))
            || overlaps(&client.common_names, &new.common_names)
            || overlaps(&client.uris, &new.uris)
    };
    clients.iter().find(same).map(|client| client.name.as_str())
}

#[cfg(test)]
mod tests;
