//! What a connector is: plain data in, plain data out. No socket, no clock, no await.
//!
//! A connector proves that the channel sent a request ([`Connector::verify`]) and turns what it sent into events
//! ([`Connector::normalize`]). Signature schemes live in [`signature`] only: nothing else can make a [`Verified`], and
//! the pipeline takes nothing else. The folder's `README.md` says how to add a channel.

pub mod address;
mod connector;
mod event;
pub mod fields;
pub mod json;
pub mod keys;
pub mod mail_server;
pub mod mailbox;
pub mod media;
mod names;
pub mod outbound;
pub mod phone;
pub mod polled;
pub mod process;
pub mod reception;
mod registration;
mod request;
pub mod settings;
pub mod signature;
pub mod smsc;
pub mod text;
pub mod time;

pub use connector::{Ack, Connector, Handshake, Page};
pub use event::{Batch, Event, Malformed, Skipped, digest_key, place};
pub use names::interned;
pub use registration::{Configure, Fresh, Registration, Sample};
pub use request::{ARRIVAL_HEADER, Delivery, RawRequest, TOKEN_HEADER};
pub use secrecy::{ExposeSecret, SecretString as Secret};
pub use settings::Section;
pub use signature::{Proof, Rejected, Verified};
