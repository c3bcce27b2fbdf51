//! From a request's destination to an account and an address.

use std::{sync::Arc, time::Duration};

use connector_sdk::outbound::{Outbound, To};
use kenh_intake::{Endpoint, Endpoints, contact_id, conversation_id};
use kenh_proto::v1::{
    Contact, Conversation, ConversationKind, Destination, Email, Envelope, Identity, Message, ReplyPolicy, SendReason,
    destination, envelope::Payload,
};
use kenh_store::{Known, Store};
use prost::Message as _;
use uuid::Uuid;

use crate::Problem;

/// How long to wait for a conversation whose first event has only just come.
const PATIENCE: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(50);

/// Where something goes, and from where.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The endpoint that sends.
    pub endpoint: Arc<Endpoint>,
    /// The channel's id of the account.
    pub account: String,
    /// Whom it is for.
    pub to: To,
    /// The conversation whose order it keeps.
    pub conversation: Uuid,
    /// The conversation and the contact, for events about the message.
    pub thread: Option<Conversation>,
    /// See `thread`.
    pub contact: Option<Contact>,
    /// How the conversation may be answered, as its events told last.
    pub policy: Option<ReplyPolicy>,
    /// What an answer has to name of the contact's last mail.
    pub answered: Option<Email>,
}

impl Resolved {
    /// The endpoint's sending half.
    pub fn outbound(&self) -> Result<&dyn Outbound, Problem> {
        sending(&self.endpoint)
    }

    /// Where a new message goes: as it is, unless each begins a conversation of its own on this channel.
    pub(crate) fn opened(&self, destination: &Destination, message: Uuid) -> Result<Self, Problem> {
        let opens = || self.outbound().map(|outbound| outbound.opens(&self.account, &message.to_string()));
        let Some(destination::To::Contact(_)) = destination.to else { return Ok(self.clone()) };
        let Some(external_id) = opens()? else { return Ok(self.clone()) };
        let kind = ConversationKind::EmailThread;
        let conversation = conversation_id(self.endpoint.channel, &self.account, kind, &external_id);
        let id = conversation.to_string();
        let thread = Conversation { id, kind: kind.into(), external_id, ..Conversation::default() };
        Ok(Self { conversation, thread: Some(thread), policy: None, answered: None, ..self.clone() })
    }

    /// The account as the store names it.
    pub fn account_key(&self) -> String {
        account_key(&self.endpoint.name, &self.account)
    }
}

/// An account as the store names it: `<endpoint>/<external id>`.
pub(crate) fn account_key(endpoint: &str, account: &str) -> String {
    format!("{endpoint}/{account}")
}

fn sending(endpoint: &Endpoint) -> Result<&dyn Outbound, Problem> {
    endpoint.connector.outbound().ok_or_else(|| {
        let advice = format!(
            "endpoint {} of {} has no account to send from: add it under `accounts`, if the channel can send",
            endpoint.name, endpoint.channel
        );
        Problem::refused(SendReason::AccountUnknown, advice)
    })
}

/// References of a mail that are kept beside the first: as many as programs name themselves.
const LAST_REFERENCES: usize = 20;

/// What is kept of a conversation: an envelope with nothing in it but where it came from and how it may be answered.
pub(crate) fn kept(envelope: &Envelope) -> Envelope {
    let payload = mail(envelope).map(|mail| {
        let mut references = mail.references.clone();
        let last = references.len().saturating_sub(LAST_REFERENCES);
        if last > 1 {
            references.drain(1..last);
        }
        let email = Email {
            subject: mail.subject.clone(),
            message_id: mail.message_id.clone(),
            references,
            auto_submitted: mail.auto_submitted.clone(),
            ..Email::default()
        };
        Payload::Message(Message { email: Some(email), ..Message::default() })
    });
    Envelope {
        payload,
        channel: envelope.channel.clone(),
        account: envelope.account.clone(),
        conversation: envelope.conversation.clone(),
        contact: envelope.contact.clone(),
        reply_policy: envelope.reply_policy.clone(),
        ..Envelope::default()
    }
}

fn mail(envelope: &Envelope) -> Option<&Email> {
    let Some(Payload::Message(message)) = &envelope.payload else { return None };
    message.email.as_ref()
}

/// Finds out where a request goes.
pub(crate) async fn resolve(
    endpoints: &Endpoints,
    store: &dyn Store,
    destination: &Destination,
    account_only: bool,
) -> Result<Resolved, Problem> {
    let to = match &destination.to {
        Some(destination::To::ConversationId(id)) => return known(endpoints, store, id).await,
        Some(destination::To::Contact(identity)) if identity.value.is_empty() || identity.scheme.is_empty() => {
            return Err(Problem::invalid("destination.contact", "needs a scheme and a value"));
        }
        Some(destination::To::Contact(identity)) => {
            To::Contact { scheme: identity.scheme.clone(), value: identity.value.clone() }
        }
        Some(destination::To::Group(id)) if !id.is_empty() => To::Group(id.clone()),
        Some(destination::To::Comment(id)) if !id.is_empty() => To::Comment(id.clone()),
        Some(destination::To::Post(id)) if !id.is_empty() => To::Post(id.clone()),
        None if account_only => To::Account,
        Some(destination::To::Group(_) | destination::To::Comment(_) | destination::To::Post(_)) | None => {
            return Err(Problem::invalid("destination.to", "must say whom it is for"));
        }
    };
    let endpoint = endpoint(endpoints, destination)?;
    let account = account(&endpoint, &destination.account)?;
    let (kind, external_id) = thread_key(&to);
    let id = conversation_id(endpoint.channel, &account, kind, &external_id);
    let found = store.known(id).await?.and_then(|known| Envelope::decode(known.record).ok());
    let found = found.unwrap_or_else(|| Envelope {
        conversation: (to != To::Account).then(|| Conversation {
            id: id.to_string(),
            kind: kind.into(),
            external_id,
            ..Conversation::default()
        }),
        contact: unseen(endpoint.channel, &account, &to),
        ..Envelope::default()
    });
    let answered = mail(&found).cloned();
    let Envelope { conversation: thread, contact, reply_policy: policy, .. } = found;
    Ok(Resolved { endpoint, account, to, conversation: id, thread, contact, policy, answered })
}

/// What makes the conversation's id, as events about it have it.
fn thread_key(to: &To) -> (ConversationKind, String) {
    match to {
        To::Contact { value, .. } => (ConversationKind::Direct, value.clone()),
        To::Group(group) => (ConversationKind::Group, group.clone()),
        To::Comment(id) | To::Post(id) => (ConversationKind::PublicPost, id.clone()),
        To::Account => (ConversationKind::Unspecified, String::new()),
    }
}

/// A contact no event was seen of.
fn unseen(channel: &str, account: &str, to: &To) -> Option<Contact> {
    let To::Contact { scheme, value } = to else { return None };
    let (scheme, value) = (scheme.clone(), value.clone());
    Some(Contact {
        id: contact_id(channel, account, &value).to_string(),
        identities: vec![Identity { scheme, value, scope: Some(account.into()), verified: false }],
        ..Contact::default()
    })
}

/// A conversation the gateway has seen. The one who answers may be faster than the one who takes note.
async fn known(endpoints: &Endpoints, store: &dyn Store, id: &str) -> Result<Resolved, Problem> {
    let id = Uuid::try_parse(id).map_err(|_| Problem::invalid("destination.conversation_id", "is no UUID"))?;
    let begun = tokio::time::Instant::now();
    let known: Known = loop {
        if let Some(known) = store.known(id).await? {
            break known;
        }
        if begun.elapsed() > PATIENCE {
            let advice = "no event of this conversation was seen lately: name channel, account and contact instead";
            return Err(Problem::refused(SendReason::ConversationUnknown, advice));
        }
        tokio::time::sleep(PAUSE).await;
    };
    let unreadable = || Problem::refused(SendReason::ConversationUnknown, "what is kept of it cannot be read");
    let found = Envelope::decode(known.record).map_err(|_| unreadable())?;
    let from = found.account.clone().unwrap_or_default();
    let destination = Destination {
        channel: found.channel.clone(),
        endpoint: from.endpoint,
        account: from.external_id.clone().unwrap_or_default(),
        to: None,
    };
    let endpoint = endpoint(endpoints, &destination)?;
    let account = account(&endpoint, &destination.account)?;
    let thread = found.conversation.clone().unwrap_or_default();
    let contact = found.contact.as_ref().and_then(|contact| contact.identities.first());
    let to = match (thread.kind(), contact) {
        (ConversationKind::Group, _) => To::Group(thread.external_id.clone()),
        (ConversationKind::PublicPost, _) => To::Account,
        (_, Some(identity)) => To::Contact { scheme: identity.scheme.clone(), value: identity.value.clone() },
        (_, None) => return Err(unreadable()),
    };
    let answered = mail(&found).cloned();
    Ok(Resolved {
        endpoint,
        account,
        to,
        conversation: id,
        thread: found.conversation,
        contact: found.contact,
        policy: found.reply_policy,
        answered,
    })
}

fn endpoint(endpoints: &Endpoints, wanted: &Destination) -> Result<Arc<Endpoint>, Problem> {
    let unknown = |advice: String| Problem::refused(SendReason::AccountUnknown, advice);
    if wanted.channel.is_empty() {
        return Err(Problem::invalid("destination.channel", "must be set unless a known conversation is named"));
    }
    let of_channel: Vec<_> = endpoints.iter().filter(|endpoint| endpoint.channel == wanted.channel).collect();
    let fits = |endpoint: &&&Arc<Endpoint>| {
        let named = wanted.endpoint.is_empty() || endpoint.name == wanted.endpoint;
        let accounts = endpoint.connector.outbound().map(Outbound::accounts);
        named && (wanted.account.is_empty() || accounts.is_some_and(|accounts| accounts.get(&wanted.account).is_some()))
    };
    let mut fitting = of_channel.iter().filter(fits);
    match (fitting.next(), fitting.next()) {
        (Some(endpoint), None) => Ok(Arc::clone(endpoint)),
        (Some(_), Some(_)) => Err(unknown("several endpoints of this channel fit: name the endpoint".into())),
        (None, _) if of_channel.is_empty() => Err(unknown("no endpoint of this channel is configured".into())),
        (None, _) => Err(unknown("no endpoint of this channel has such a name or such an account to send from".into())),
    }
}

fn account(endpoint: &Endpoint, wanted: &str) -> Result<String, Problem> {
    let accounts = sending(endpoint)?.accounts();
    if wanted.is_empty() {
        let advice = "the endpoint has several accounts: name the one that sends";
        return accounts.only().map(Into::into).ok_or_else(|| Problem::refused(SendReason::AccountUnknown, advice));
    }
    let advice = format!("endpoint {} of {} has no such account to send from", endpoint.name, endpoint.channel);
    let known = accounts.get(wanted).is_some();
    known.then(|| wanted.to_owned()).ok_or_else(|| Problem::refused(SendReason::AccountUnknown, advice))
}
