//! Meta's JSON for Pages, field for field. Every member is optional: any of them has been seen missing.

mod attachment;
mod change;
mod feedback;
mod fields;
mod item;
mod message;
mod optin;
mod referral;
mod thread;

pub(crate) use attachment::{Attachment, Button, Coordinates, Element, Payload};
pub(crate) use change::{Change, Feed, Lead, Rating};
pub(crate) use feedback::{MessagingFeedback, Question, ResponseFeedback};
pub(crate) use item::{AccountLinking, COMMON, Delivery, Item, MessageEdit, Party, Postback, Reaction, Read};
pub(crate) use message::Message;
pub(crate) use optin::Optin;
pub(crate) use referral::Referral;
pub(crate) use thread::{Policy, ThreadControl};
