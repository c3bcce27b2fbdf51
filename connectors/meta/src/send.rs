//! Messages as the Send API takes them, which Messenger and Instagram share. A message is a text or one attachment.
//! See <https://developers.facebook.com/docs/messenger-platform/reference/send-api>.

pub mod attachment;
pub mod button;
pub mod template;
