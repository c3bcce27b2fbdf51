//! What Meta's products share: the app and its proofs, how a batch is put together, private messages, who writes in
//! public. Not a channel.
//!
//! Messenger and Instagram speak one dialect in `messaging` ([`messaging`]), with people's ids of their own; WhatsApp
//! has only the batch and the app in common with them.

pub mod app;
pub mod batch;
mod distinct;
pub mod fields;
mod handshake;
pub mod item;
pub mod key;
pub mod messaging;
pub mod names;
pub mod public;
mod signature;
pub mod whole;
mod wire;
