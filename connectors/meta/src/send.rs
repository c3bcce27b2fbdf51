//! Messages as the Send API takes them, which Messenger and Instagram share. A message is a text or one attachment.
//! See <https://developers.facebook.com/docs/messenger-platform/reference/send-api>.

pub mod action;
pub mod arrange;
pub mod attachment;
pub mod button;
pub mod comment;
pub mod pace;
pub mod permit;
pub mod template;
pub mod values;
