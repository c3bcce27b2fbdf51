//! Who calls the api and what he may do.
//!
//! [`Layer`] stands before every service: it finds out who calls ([`Access`]: an API key, a token of an
//! OpenID Connect issuer, or a client certificate), looks the method up in one table ([`Method`]) and refuses a caller
//! who has its right for nothing at all. What the right covers, by channel and account, a service asks its [`Caller`].
//! Refusals and what was sent, managed or read raw stand in the audit log.

mod access;
mod audit;
mod body;
mod caller;
mod certificate;
mod client;
mod config;
mod incoming;
mod key;
mod layer;
mod method;
mod oidc;
mod peer;
mod principal;
mod quota;
mod refusal;
mod rights;
mod tls;

pub use access::{Access, StartError};
pub use caller::Caller;
pub use config::{Config, Exposed};
pub use incoming::Connection;
pub use key::{Key, KeyHash, NoHash, NoRandom};
pub use layer::{Guard, Layer};
pub use method::{Method, Needs};
pub use peer::Peer;
pub use principal::{Means, Principal};
pub use rights::{Grant, NoGrant, Pattern, Reach, Right, Rights};
pub use tls::TlsError;
