//! Which entries a reader wants.

use kenh_proto::v1::EventKind;
use uuid::Uuid;

use crate::Meta;

/// Every list that is not empty must hold the entry's value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Channel slugs.
    pub channels: Vec<String>,
    /// External ids of accounts.
    pub accounts: Vec<String>,
    /// Kinds.
    pub kinds: Vec<EventKind>,
    /// Conversation ids.
    pub conversations: Vec<Uuid>,
    /// Contact ids.
    pub contacts: Vec<Uuid>,
}

impl Filter {
    /// Whether a reader wants the entry.
    pub fn matches(&self, meta: &Meta) -> bool {
        among(&self.channels, Some(&meta.channel))
            && among(&self.accounts, meta.account.as_ref())
            && among(&self.kinds, Some(&meta.kind))
            && among(&self.conversations, meta.conversation.as_ref())
            && among(&self.contacts, meta.contact.as_ref())
    }
}

fn among<T: PartialEq>(wanted: &[T], value: Option<&T>) -> bool {
    wanted.is_empty() || value.is_some_and(|value| wanted.contains(value))
}
