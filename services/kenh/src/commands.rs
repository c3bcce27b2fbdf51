//! What each command does.

pub(crate) mod access;
pub(crate) mod channel;
pub(crate) mod config;
pub(crate) mod connector;
pub(crate) mod credentials;
pub(crate) mod demo;
pub(crate) mod exchanges;
pub(crate) mod health;
pub(crate) mod media;
pub(crate) mod message;
pub(crate) mod normalize;
pub(crate) mod parked;
pub(crate) mod send;
pub(crate) mod serve;
pub(crate) mod simulate;
pub(crate) mod subscription;
pub(crate) mod tail;
