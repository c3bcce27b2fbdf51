//! The kind of an envelope, from the payload it carries.

use crate::v1::{Envelope, EventKind, envelope::Payload};

impl Envelope {
    /// The kind of this event; `Unspecified` only for a payload this schema does not know.
    pub fn kind(&self) -> EventKind {
        self.payload.as_ref().map_or(EventKind::Unspecified, Payload::kind)
    }
}

impl Payload {
    /// The kind this payload stands for.
    pub fn kind(&self) -> EventKind {
        match self {
            Self::Message(_) => EventKind::Message,
            Self::MessageEdited(_) => EventKind::MessageEdited,
            Self::MessageDeleted(_) => EventKind::MessageDeleted,
            Self::Reaction(_) => EventKind::Reaction,
            Self::Receipt(_) => EventKind::Receipt,
            Self::Typing(_) => EventKind::Typing,
            Self::Action(_) => EventKind::Action,
            Self::Comment(_) => EventKind::Comment,
            Self::SubscriptionChange(_) => EventKind::SubscriptionChange,
            Self::ConversationEvent(_) => EventKind::ConversationEvent,
            Self::ControlEvent(_) => EventKind::ControlEvent,
            Self::CallEvent(_) => EventKind::CallEvent,
            Self::ContactUpdate(_) => EventKind::ContactUpdate,
            Self::Feedback(_) => EventKind::Feedback,
            Self::AccountEvent(_) => EventKind::AccountEvent,
            Self::Unsupported(_) => EventKind::Unsupported,
            Self::MessageStatus(_) => EventKind::MessageStatus,
        }
    }
}

/// The kind of a word that [`kind_slug`] gave; `Unspecified` for another one.
pub fn kind_of_slug(slug: &str) -> EventKind {
    let kinds = (0..).map_while(|number| EventKind::try_from(number).ok());
    kinds.into_iter().find(|kind| kind_slug(*kind) == slug).unwrap_or_default()
}

/// The word for a kind in routing keys, CloudEvents types and metric labels: `message_edited`.
pub const fn kind_slug(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Unspecified => "unknown",
        EventKind::Message => "message",
        EventKind::MessageEdited => "message_edited",
        EventKind::MessageDeleted => "message_deleted",
        EventKind::Reaction => "reaction",
        EventKind::Receipt => "receipt",
        EventKind::Typing => "typing",
        EventKind::Action => "action",
        EventKind::Comment => "comment",
        EventKind::SubscriptionChange => "subscription_change",
        EventKind::ConversationEvent => "conversation_event",
        EventKind::ControlEvent => "control_event",
        EventKind::CallEvent => "call_event",
        EventKind::ContactUpdate => "contact_update",
        EventKind::Feedback => "feedback",
        EventKind::AccountEvent => "account_event",
        EventKind::Unsupported => "unsupported",
        EventKind::MessageStatus => "message_status",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_by_its_word() {
        let kinds: Vec<_> = (0..).map_while(|number| EventKind::try_from(number).ok()).collect();
        assert_eq!(kinds.last(), Some(&EventKind::MessageStatus));
        assert!(kinds.iter().all(|kind| kind_of_slug(kind_slug(*kind)) == *kind));
        assert_eq!(kind_of_slug("nothing"), EventKind::Unspecified);
    }
}
