//! What Meta's products share: the app and its proofs, how a batch is put together, private messages, who writes in
//! public; and in sending the Graph API and the Send API. Not a channel.
//!
//! Messenger and Instagram speak one dialect, coming in ([`messaging`]) and going out ([`send`]), with people's ids of
//! their own; WhatsApp has only the batch, the app and the [`graph`] in common with them.

pub mod app;
pub mod batch;
mod distinct;
pub mod fields;
pub mod graph;
mod handshake;
pub mod item;
pub mod key;
pub mod messaging;
pub mod names;
pub mod public;
pub mod send;
mod signature;
pub mod whole;
mod wire;
