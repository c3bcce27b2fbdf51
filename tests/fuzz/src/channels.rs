//! What connectors read.

mod configured;
mod handshake;
mod neighbours;
mod normalize;
mod verify;
mod whole;

pub(crate) use self::normalize::envelopes;

pub use self::{handshake::handshake, neighbours::neighbours, normalize::normalize, verify::verify, whole::whole};
