//! Where outbound messages are handed in.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, SystemTime},
};

use connector_sdk::outbound::{Order, Planned, Window};
use kenh_intake::Endpoints;
use kenh_log::WorkQueue;
use kenh_proto::v1::{
    Account, Degradation, Destination, OutboundAction, OutboundMessage, PolicyVerdict, ProviderMessage, SendOptions,
    SendPlan, SendReason, SendState, SenderRole, outbound_action::What,
};
use kenh_runtime::clock;
use kenh_store::{NewOutbound, Outbound, Store, Submitted};
use prost::Message as _;
use sha2::{Digest as _, Sha256};
use tracing::debug;
use uuid::Uuid;

use crate::{
    Problem, Record, Resolved, destination, policy,
    policy::template,
    time::{micros, of_clock, timestamp, until},
};

/// How long a client's idempotency key stands for what it was used for.
const KEYS_LAST: Duration = Duration::from_secs(7 * 86_400);
const LONGEST_KEY: usize = 128;
const LONGEST_REFERENCE: usize = 128;
const MOST_OPTIONS: usize = 16;
const DAY: Duration = Duration::from_secs(86_400);
/// How far ahead something may be scheduled.
const FURTHEST: Duration = Duration::from_secs(90 * 86_400);
/// How long typing and the like are worth sending.
const FLEETING: Duration = Duration::from_secs(10);

/// What somebody asks for.
#[derive(Clone)]
pub struct Ask {
    /// Who asks: idempotency keys are their own.
    pub client: String,
    /// Where.
    pub destination: Destination,
    /// What.
    pub what: What,
    /// How.
    pub options: SendOptions,
    /// The action names what it is about; the destination need only name an account.
    pub account_only: bool,
    /// It is worth nothing after a few seconds, and needs no key.
    pub fleeting: bool,
}

// By hand: it holds what is sent.
impl std::fmt::Debug for Ask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ask").field("client", &self.client).field("fleeting", &self.fleeting).finish_non_exhaustive()
    }
}

/// What became of it.
#[derive(Debug, Clone)]
pub struct Submission {
    /// The message as it is kept.
    pub outbound: Outbound,
    /// The key had been used for the same before.
    pub repeated: bool,
}

/// The desk.
#[derive(Clone)]
pub struct Desk {
    /// What can send.
    pub endpoints: Arc<Endpoints>,
    /// Where outbound messages are kept.
    pub store: Arc<dyn Store>,
    /// Tells dispatchers that there is something to do.
    pub queue: Arc<dyn WorkQueue>,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Desk")
    }
}

impl Desk {
    /// Finds out where a request goes.
    pub async fn resolve(&self, destination: &Destination, account_only: bool) -> Result<Resolved, Problem> {
        destination::resolve(&self.endpoints, &*self.store, destination, account_only).await
    }

    /// What sending would do. Changes nothing.
    pub async fn plan(&self, resolved: &Resolved, ask: &Ask) -> Result<(Planned, PolicyVerdict), Problem> {
        let outbound = resolved.outbound()?;
        let (now, options) = (clock::now(), options(&ask.options)?);
        let role = role(&ask.options);
        let order = Order {
            what: &ask.what,
            to: &resolved.to,
            role,
            purpose: ask.options.purpose(),
            window: resolved.policy.as_ref().map_or(Window::Unknown, |policy| Window::of(policy, now)),
            strict: ask.options.degradation() == Degradation::Strict,
            options: &options,
            conversation: resolved
                .thread
                .as_ref()
                .map(|thread| thread.external_id.as_str())
                .filter(|id| !id.is_empty()),
            answered: resolved.answered.as_ref(),
            // What is scheduled has to be allowed when it is due.
            now: ask.options.send_at.and_then(|at| SystemTime::try_from(at).ok()).map_or(now, |at| at.max(now)),
        };
        let planned = outbound.plan(&order)?;
        let bound = matches!(ask.what, What::Message(_)) && outbound.needs_window(&order);
        let mut verdict = policy::verdict(resolved.policy.as_ref(), role, bound, now);
        if verdict.allowed
            && let Some(until) = self.spent(resolved, &planned).await?
        {
            verdict = policy::spent(until);
        }
        Ok((planned, verdict))
    }

    /// Until when an allowance it needs is used up, as the channel last said.
    async fn spent(&self, resolved: &Resolved, planned: &Planned) -> Result<Option<i64>, Problem> {
        let (channel, account, now) = (resolved.endpoint.channel, resolved.account_key(), of_clock(clock::now()));
        let fare = self.store.fare(channel, &account).await?;
        let spent = fare.and_then(|fare| fare.sending.spent).filter(|spent| spent.until > now);
        Ok(spent
            .filter(|spent| planned.pieces.iter().any(|piece| template(piece) == spent.on))
            .map(|spent| spent.until))
    }

    /// Keeps a message to be sent, and wakes a dispatcher. Returns when it is on disk.
    pub async fn submit(&self, resolved: &Resolved, ask: &Ask) -> Result<Submission, Problem> {
        let now = of_clock(clock::now());
        let Times { send_at, expires_at } = times(&ask.options, ask.fleeting, now)?;
        let key = key(ask)?;
        // A repeated call gets its answer although the window may be closed by now.
        let digest = digest(ask);
        if let Some(known) = self.store.outbound_by_key(&ask.client, &key).await? {
            return same(known, &digest);
        }
        let (planned, verdict) = self.plan(resolved, ask).await?;
        if !verdict.allowed {
            let reason = verdict.reason();
            return Err(Problem::refused(reason, verdict.advice.unwrap_or_default()));
        }
        let id = Uuid::now_v7();
        let resolved = &resolved.opened(&ask.destination, id)?;
        let scheduled = send_at.is_some_and(|at| at > now);
        let state = if scheduled { SendState::Scheduled } else { SendState::Queued };
        let provider_messages = u32::try_from(planned.pieces.len()).unwrap_or(u32::MAX);
        let message = OutboundMessage {
            id: id.to_string(),
            idempotency_key: if ask.fleeting { String::new() } else { key.clone() },
            channel: resolved.endpoint.channel.into(),
            account: Some(Account {
                endpoint: resolved.endpoint.name.clone(),
                external_id: Some(resolved.account.clone()),
                name: None,
            }),
            conversation_id: resolved.conversation.to_string(),
            state: state.into(),
            messages: planned
                .pieces
                .iter()
                .map(|_| ProviderMessage { state: state.into(), ..ProviderMessage::default() })
                .collect(),
            send_at: send_at.filter(|_| scheduled).map(timestamp),
            client_reference: ask.options.client_reference.clone(),
            action: Some(OutboundAction { what: Some(ask.what.clone()) }),
            plan: Some(SendPlan {
                parts: planned.parts,
                provider_messages,
                policy: Some(verdict),
                segmentation: planned.segmentation,
            }),
            ..OutboundMessage::default()
        };
        let mut record = Record {
            message,
            pieces: planned.pieces.into_iter().map(|what| OutboundAction { what: Some(what) }).collect(),
            role: role(&ask.options).into(),
            purpose: ask.options.purpose,
            options: options(&ask.options)?,
            conversation: resolved.thread.clone(),
            person: resolved.contact.clone(),
            tenant: resolved.endpoint.tenant.clone(),
            reply_token: resolved.policy.as_ref().and_then(|policy| policy.reply_token.clone()),
            fleeting: ask.fleeting,
            policy: resolved.policy.clone(),
            answered: resolved.answered.clone(),
            ..Record::default()
        };
        record.address(&resolved.to);
        let new = NewOutbound {
            id,
            client: ask.client.clone(),
            key,
            digest: digest.clone(),
            channel: resolved.endpoint.channel.into(),
            account: resolved.account_key(),
            conversation: resolved.conversation,
            delay: until(send_at.unwrap_or(now), now),
            lifetime: until(expires_at, now),
            state: state.into(),
            record: record.kept(),
        };
        match self.store.submit(&new, KEYS_LAST).await? {
            Submitted::Known(known) => same(known, &digest),
            Submitted::Fresh(outbound) => {
                if !scheduled {
                    self.wake(&outbound.channel, id).await;
                }
                Ok(Submission { outbound, repeated: false })
            }
        }
    }

    /// Wakes a dispatcher. One that is not woken finds the message by itself a moment later.
    pub async fn wake(&self, channel: &str, id: Uuid) {
        const PATIENCE: Duration = Duration::from_secs(1);
        match tokio::time::timeout(PATIENCE, self.queue.push(channel, id)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => debug!(channel, %error, "no dispatcher is woken, one will find it"),
            Err(_) => debug!(channel, "no dispatcher is woken in time, one will find it"),
        }
    }
}

fn role(options: &SendOptions) -> SenderRole {
    match options.sender_role() {
        SenderRole::Human => SenderRole::Human,
        SenderRole::Bot | SenderRole::Unspecified => SenderRole::Bot,
    }
}

fn options(options: &SendOptions) -> Result<BTreeMap<String, String>, Problem> {
    let short = |(name, value): (&String, &String)| name.len() <= 64 && value.len() <= 1024;
    if options.channel_options.len() > MOST_OPTIONS || !options.channel_options.iter().all(short) {
        let advice = "at most 16, names of at most 64 bytes and values of at most 1024";
        return Err(Problem::invalid("options.channel_options", advice));
    }
    Ok(options.channel_options.iter().map(|(name, value)| (name.clone(), value.clone())).collect())
}

fn key(ask: &Ask) -> Result<String, Problem> {
    let key = &ask.options.idempotency_key;
    if key.is_empty() && ask.fleeting {
        return Ok(Uuid::new_v4().to_string());
    }
    let plain = key.len() <= LONGEST_KEY && !key.is_empty() && key.bytes().all(|byte| (0x21..0x7f).contains(&byte));
    let advice = "must be 1 to 128 printable ASCII characters without spaces";
    plain.then(|| key.clone()).ok_or_else(|| Problem::invalid("options.idempotency_key", advice))
}

struct Times {
    send_at: Option<i64>,
    expires_at: i64,
}

fn times(options: &SendOptions, fleeting: bool, now: i64) -> Result<Times, Problem> {
    if options.client_reference.as_ref().is_some_and(|reference| reference.len() > LONGEST_REFERENCE) {
        return Err(Problem::invalid("options.client_reference", "at most 128 bytes"));
    }
    let after =
        |moment: i64, time: Duration| moment.saturating_add(i64::try_from(time.as_micros()).unwrap_or(i64::MAX));
    let send_at = options.send_at.map(micros);
    if send_at.is_some_and(|at| at > after(now, FURTHEST)) {
        return Err(Problem::invalid("options.send_at", "at most 90 days from now"));
    }
    let begin = send_at.map_or(now, |at| at.max(now));
    let default = if fleeting { FLEETING } else { DAY };
    let expires_at = options.expires_at.map_or_else(|| after(begin, default), micros);
    if expires_at <= begin {
        return Err(Problem::invalid("options.expires_at", "must be later than now and than send_at"));
    }
    if expires_at > after(begin, FURTHEST) {
        return Err(Problem::invalid("options.expires_at", "at most 90 days after it should be sent"));
    }
    Ok(Times { send_at, expires_at })
}

/// What tells two requests apart that have the same key.
fn digest(ask: &Ask) -> bytes::Bytes {
    let mut digest = Sha256::new();
    // Maps are written in no order: theirs are sorted, and left out of the rest.
    let mut options = ask.options.clone();
    let sorted: BTreeMap<_, _> = std::mem::take(&mut options.channel_options).into_iter().collect();
    let action = OutboundAction { what: Some(ask.what.clone()) };
    for part in [ask.destination.encode_to_vec(), action_digest(&action), options.encode_to_vec()] {
        digest.update(part.len().to_be_bytes());
        digest.update(part);
    }
    for (name, value) in sorted {
        for text in [name, value] {
            digest.update(text.len().to_be_bytes());
            digest.update(text);
        }
    }
    digest.finalize().to_vec().into()
}

/// The values of a template are a map too.
fn action_digest(action: &OutboundAction) -> Vec<u8> {
    use kenh_proto::v1::{Message, part::Content};
    let mut action = action.clone();
    let mut values = BTreeMap::new();
    let message: Option<&mut Message> = match &mut action.what {
        Some(What::Message(message)) => Some(message),
        Some(What::Edit(edit)) => edit.message.as_mut(),
        Some(What::CommentReply(reply)) => reply.message.as_mut(),
        Some(What::Delete(_) | What::React(_) | What::Typing(_) | What::MarkRead(_) | What::HideComment(_)) | None => {
            None
        }
    };
    // What a message of an event says besides is not sent.
    let parts = message.into_iter().flat_map(|message| {
        message.values.clear();
        &mut message.parts
    });
    for (index, part) in parts.enumerate() {
        if let Some(Content::Template(template)) = &mut part.content {
            values.extend(std::mem::take(&mut template.values).into_iter().map(|(name, value)| ((index, name), value)));
        }
    }
    let mut bytes = action.encode_to_vec();
    for ((index, name), value) in values {
        bytes.extend_from_slice(format!("{index}:{}:{}:{name}{value}", name.len(), value.len()).as_bytes());
    }
    bytes
}

fn same(known: Outbound, digest: &[u8]) -> Result<Submission, Problem> {
    if known.digest == digest {
        return Ok(Submission { outbound: known, repeated: true });
    }
    let advice = format!("the idempotency key was used for something else, outbound message {}", known.id);
    Err(Problem::refused(SendReason::IdempotencyConflict, advice))
}
