//! What services read.

mod cursors;
mod message;
mod session;
mod settings;
mod window;

pub use self::{cursors::cursors, message::message, session::session, settings::settings, window::window};
