//! What services read.

mod cursors;
mod message;
mod settings;
mod window;

pub use self::{cursors::cursors, message::message, settings::settings, window::window};
