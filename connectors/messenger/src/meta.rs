//! What Meta's products share: signature, handshake, and how a batch is put together. Knows nothing of Messenger.

pub(crate) mod address;
pub(crate) mod batch;
mod distinct;
pub(crate) mod handshake;
pub(crate) mod item;
pub(crate) mod key;
pub(crate) mod names;
pub(crate) mod object;
pub(crate) mod signature;
pub(crate) mod whole;
