//! An item of `messaging`, field for field. Every member is optional: any of them has been seen missing.

mod attachment;
mod feedback;
mod item;
mod message;
mod optin;
mod referral;
mod thread;

pub(crate) use attachment::{Attachment, Button, Coordinates, Element, Payload};
pub(crate) use feedback::{MessagingFeedback, Question, ResponseFeedback};
pub(crate) use item::{AccountLinking, COMMON, Delivery, Item, MessageEdit, Party, Postback, Reaction, Read};
pub(crate) use message::{Message, Story};
pub(crate) use optin::Optin;
pub(crate) use referral::Referral;
pub(crate) use thread::{Policy, ThreadControl};
