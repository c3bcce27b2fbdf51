//! What is kept of an outbound message.

use std::{collections::BTreeMap, fmt};

use bytes::Bytes;
use connector_sdk::outbound::To;
use kenh_proto::v1::{
    Contact, Conversation, Email, Identity, OutboundAction, OutboundMessage, ProviderMessage, ReplyPolicy, SendPurpose,
    SendState, SenderRole,
};
use kenh_store::Hold;
use prost::Message as _;

/// All the gateway knows of an outbound message beside what the store decides on.
#[derive(Clone, PartialEq, prost::Message)]
#[prost(skip_debug)]
pub struct Record {
    /// As callers see it: state, progress, failure, action, plan. Times and receipts are added when it is shown.
    #[prost(message, required, tag = "1")]
    pub message: OutboundMessage,
    /// What the channel is given, piece by piece.
    #[prost(message, repeated, tag = "2")]
    pub pieces: Vec<OutboundAction>,
    /// Whom it is for; nobody in particular where the action names what it is about.
    #[prost(message, optional, tag = "3")]
    pub contact: Option<Identity>,
    /// Group, where it is for one.
    #[prost(string, optional, tag = "4")]
    pub group: Option<String>,
    /// Comment whose author it is for.
    #[prost(string, optional, tag = "5")]
    pub comment: Option<String>,
    /// Post whose author it is for.
    #[prost(string, optional, tag = "6")]
    pub post: Option<String>,
    /// Who wrote it.
    #[prost(enumeration = "SenderRole", tag = "7")]
    pub role: i32,
    /// What it is for.
    #[prost(enumeration = "SendPurpose", tag = "8")]
    pub purpose: i32,
    /// Settings only the channel has.
    #[prost(btree_map = "string, string", tag = "9")]
    pub options: BTreeMap<String, String>,
    /// The conversation, for the events about it.
    #[prost(message, optional, tag = "10")]
    pub conversation: Option<Conversation>,
    /// The contact, for the events about it.
    #[prost(message, optional, tag = "11")]
    pub person: Option<Contact>,
    /// Tenant it belongs to.
    #[prost(string, tag = "12")]
    pub tenant: String,
    /// The piece whose call is being made: written before a call that somebody sees, so that whoever takes over knows that
    /// its outcome is unknown.
    #[prost(uint32, optional, tag = "13")]
    pub calling: Option<u32>,
    /// Tries of the present piece.
    #[prost(uint32, tag = "14")]
    pub tries: u32,
    /// Single-use token for one of its pieces.
    #[prost(string, optional, tag = "15")]
    pub reply_token: Option<String>,
    /// What is done is worth nothing after a moment: it is not kept, told or tried for long.
    #[prost(bool, tag = "16")]
    pub fleeting: bool,
    /// How the conversation could be answered when it was submitted.
    #[prost(message, optional, tag = "17")]
    pub policy: Option<ReplyPolicy>,
    /// What an answer has to name of the mail it answers.
    #[prost(message, optional, tag = "18")]
    pub answered: Option<Email>,
}

// By hand: it holds what is sent.
impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Record({} pieces, {})", self.pieces.len(), self.message.state().as_str_name())
    }
}

impl Record {
    /// Reads what the store keeps; `None` for what this version cannot read.
    pub fn read(bytes: &Bytes) -> Option<Self> {
        Self::decode(bytes.clone()).ok()
    }

    /// What the store keeps.
    pub fn kept(&self) -> Bytes {
        self.encode_to_vec().into()
    }

    /// Whom it is for.
    pub fn to(&self) -> To {
        if let Some(comment) = &self.comment {
            return To::Comment(comment.clone());
        }
        if let Some(post) = &self.post {
            return To::Post(post.clone());
        }
        if let Some(group) = &self.group {
            return To::Group(group.clone());
        }
        self.contact.as_ref().map_or(To::Account, |identity| To::Contact {
            scheme: identity.scheme.clone(),
            value: identity.value.clone(),
        })
    }

    /// The channel's id of the conversation, where it is known.
    pub fn conversation_id(&self) -> Option<&str> {
        self.conversation.as_ref().map(|conversation| conversation.external_id.as_str()).filter(|id| !id.is_empty())
    }

    /// Sets whom it is for.
    pub(crate) fn address(&mut self, to: &To) {
        match to.clone() {
            To::Contact { scheme, value } => {
                self.contact = Some(Identity { scheme, value, ..Identity::default() });
            }
            To::Group(group) => self.group = Some(group),
            To::Comment(comment) => self.comment = Some(comment),
            To::Post(post) => self.post = Some(post),
            To::Account => {}
        }
    }

    /// The first piece the channel has not been given.
    pub fn next_piece(&self) -> Option<u32> {
        let given = |message: &ProviderMessage| message.state() == SendState::Accepted;
        let next = self.message.messages.iter().position(|message| !given(message))?;
        u32::try_from(next).ok()
    }

    /// Whom it holds up while it waits to be tried again.
    pub fn hold(&self) -> Hold {
        let given = |message: &ProviderMessage| message.state() == SendState::Accepted;
        if self.message.messages.iter().any(given) { Hold::Whole } else { Hold::Order }
    }

    /// One of its pieces, with what became of it.
    pub fn piece(&mut self, index: u32) -> Option<(&OutboundAction, &mut ProviderMessage)> {
        let index = usize::try_from(index).ok()?;
        Some((self.pieces.get(index)?, self.message.messages.get_mut(index)?))
    }
}

/// Whether a state is final.
pub const fn is_final(state: SendState) -> bool {
    match state {
        SendState::Unspecified
        | SendState::Scheduled
        | SendState::Queued
        | SendState::Sending
        | SendState::Retrying => false,
        SendState::Accepted | SendState::Failed | SendState::Unknown | SendState::Expired | SendState::Cancelled => {
            true
        }
    }
}
