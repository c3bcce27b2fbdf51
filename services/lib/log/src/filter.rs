//! Which entries a reader wants.

use std::{fmt, sync::Arc};

use kenh_proto::v1::EventKind;
use uuid::Uuid;

use crate::Meta;

/// What a reader may see at all, whatever it wants.
pub trait Scope: fmt::Debug + Send + Sync + 'static {
    /// Whether events of a channel and account may be seen; `None` where an event names no account.
    fn admits(&self, channel: &str, account: Option<&str>) -> bool;
}

/// Every list that is not empty must hold the entry's value.
#[derive(Debug, Clone, Default)]
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
    /// What the reader may see; everything when there is none.
    pub scope: Option<Arc<dyn Scope>>,
}

impl Filter {
    /// Whether a reader wants the entry, and may see it.
    pub fn matches(&self, meta: &Meta) -> bool {
        among(&self.channels, Some(&meta.channel))
            && among(&self.accounts, meta.account.as_ref())
            && among(&self.kinds, Some(&meta.kind))
            && among(&self.conversations, meta.conversation.as_ref())
            && among(&self.contacts, meta.contact.as_ref())
            && self.scope.as_ref().is_none_or(|scope| scope.admits(&meta.channel, meta.account.as_deref()))
    }
}

fn among<T: PartialEq>(wanted: &[T], value: Option<&T>) -> bool {
    wanted.is_empty() || value.is_some_and(|value| wanted.contains(value))
}
