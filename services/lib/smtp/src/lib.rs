//! Mail from other servers: sessions of SMTP (RFC 5321) and LMTP (RFC 2033), as the receiving side.
//!
//! [`Session`] is the protocol and nothing else: bytes in, steps out, no socket and no clock. [`serve`] puts it on connections, with
//! bounds and deadlines. Whose mail is taken and what becomes of it is the [`Desk`]'s business. Nothing is ever relayed: a recipient
//! that the desk does not take is refused, and nobody can sign in.

mod address;
mod command;
mod connection;
mod data;
mod reply;
mod server;
mod session;

pub use reply::Verdict;
pub use server::{Desk, Listener, Peer, Policy, serve};
pub use session::{Bounds, Mail, Protocol, Refused, Session, Step, Tls};
