//! Learning from the log: how conversations may be answered, and how far messages have come.

use std::{collections::BTreeMap, sync::Arc};

use kenh_proto::v1::{Direction, Envelope, Receipt, ReceiptStatus, SendState, envelope::Payload};
use kenh_store::{Given, Hold, Known, Phase, Store, StoreError, Word, Written};
use prost::Message as _;
use uuid::Uuid;

use crate::{Record, Teller, destination, time::micros};

/// Messages one watermark may speak of.
const MOST_BEHIND_WATERMARK: u32 = 500;

/// Reads events and notes what they say.
#[derive(Clone)]
pub struct Follower {
    store: Arc<dyn Store>,
    teller: Teller,
}

impl std::fmt::Debug for Follower {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Follower")
    }
}

impl Follower {
    /// Follows into a store, and tells.
    pub fn new(store: Arc<dyn Store>, teller: Teller) -> Self {
        Self { store, teller }
    }

    /// Takes events in their order. After an error the same events are given again, which does no harm.
    pub async fn take(&self, events: &[Envelope]) -> Result<(), StoreError> {
        let conversations = conversations(events);
        if !conversations.is_empty() {
            self.store.meet(&conversations).await?;
        }
        for event in events {
            self.settle(event).await?;
        }
        let mut words: Vec<_> = events.iter().flat_map(words).collect();
        for event in events {
            words.extend(self.referred(event).await?);
        }
        if !words.is_empty() {
            let news = self.store.note(&words).await?;
            self.tell(news).await?;
        }
        for event in events {
            self.watermark(event).await?;
        }
        Ok(())
    }

    /// Tells of receipts whose teller died before it could.
    pub async fn sweep(&self) -> Result<(), StoreError> {
        const AFTER: std::time::Duration = std::time::Duration::from_secs(30);
        let untold = self.store.untold(AFTER, 200).await?;
        self.tell(untold).await
    }

    async fn tell(&self, news: Vec<Given>) -> Result<(), StoreError> {
        let mut by_message: BTreeMap<Uuid, Vec<Given>> = BTreeMap::new();
        for given in news.into_iter().filter(|given| !given.told) {
            by_message.entry(given.outbound).or_default().push(given);
        }
        for (id, given) in by_message {
            if let Some(outbound) = self.store.outbound(id).await? {
                self.teller.receipts(&*self.store, &outbound, &given).await?;
            }
        }
        Ok(())
    }

    async fn watermark(&self, event: &Envelope) -> Result<(), StoreError> {
        let Some(Payload::Receipt(receipt)) = &event.payload else { return Ok(()) };
        let (Some(watermark), Some(thread)) = (receipt.watermark, &event.conversation) else { return Ok(()) };
        let Ok(conversation) = Uuid::try_parse(&thread.id) else { return Ok(()) };
        let at = micros(watermark);
        let behind = self.store.before(conversation, at, receipt.status, MOST_BEHIND_WATERMARK).await?;
        let account = account(event);
        let words: Vec<_> = behind
            .into_iter()
            .map(|given| Word {
                channel: event.channel.clone(),
                account: account.clone(),
                provider_id: given.provider_id,
                status: receipt.status,
                at,
                code: None,
            })
            .collect();
        if words.is_empty() {
            return Ok(());
        }
        let news = self.store.note(&words).await?;
        self.tell(news).await
    }

    /// What a receipt says of a message that it names by our own reference alone, as a bounce does.
    async fn referred(&self, event: &Envelope) -> Result<Vec<Word>, StoreError> {
        let Some(Payload::Receipt(receipt)) = &event.payload else { return Ok(Vec::new()) };
        let (true, Some((id, piece))) = (receipt.provider_message_ids.is_empty(), reference(event)) else {
            return Ok(Vec::new());
        };
        let Some(outbound) = self.store.outbound(id).await? else { return Ok(Vec::new()) };
        let Some(mut record) = Record::read(&outbound.record) else { return Ok(Vec::new()) };
        let ids = record.piece(piece).map(|(_, message)| message.provider_message_ids.clone()).unwrap_or_default();
        let named = Receipt { provider_message_ids: ids, ..receipt.clone() };
        Ok(words(&Envelope { payload: Some(Payload::Receipt(named)), ..event.clone() }))
    }

    /// An echo or receipt that names our own reference settles a message whose outcome was unknown.
    async fn settle(&self, event: &Envelope) -> Result<(), StoreError> {
        let Some((id, piece)) = reference(event) else { return Ok(()) };
        let Some(outbound) = self.store.outbound(id).await? else { return Ok(()) };
        let Some(mut record) = Record::read(&outbound.record) else { return Ok(()) };
        if outbound.phase != Phase::Ended || record.message.state() != SendState::Unknown {
            return Ok(());
        }
        let ids = provider_ids(event);
        let Some((_, message)) = record.piece(piece) else { return Ok(()) };
        if message.state() != SendState::Unknown || ids.is_empty() {
            return Ok(());
        }
        message.state = SendState::Accepted.into();
        message.failure = None;
        message.provider_message_ids.clone_from(&ids);
        // What stood behind it was never sent: that stays a matter for whoever sent it.
        if record.next_piece().is_none() {
            record.message.state = SendState::Accepted.into();
            record.message.failure = None;
        }
        record.calling = None;
        let written = Written {
            id,
            turn: outbound.turn,
            phase: Phase::Ended,
            state: record.message.state,
            delay: std::time::Duration::ZERO,
            record: record.kept(),
            hold: Hold::Order,
            ids: ids.into_iter().map(|id| (id, piece)).collect(),
        };
        if self.store.rewrite(&written, Phase::Ended, None).await?.is_some() {
            self.teller.state(&outbound, &record).await;
        }
        Ok(())
    }
}

fn account(event: &Envelope) -> String {
    event.account.as_ref().and_then(|account| account.external_id.clone()).unwrap_or_default()
}

fn conversations(events: &[Envelope]) -> Vec<Known> {
    let mut newest = BTreeMap::new();
    for event in events.iter().filter(|event| tells_how_to_answer(event)) {
        let Some(thread) = &event.conversation else { continue };
        let Ok(id) = Uuid::try_parse(&thread.id) else { continue };
        let endpoint = event.account.as_ref().map(|account| account.endpoint.clone()).unwrap_or_default();
        let known = Known {
            id,
            channel: event.channel.clone(),
            account: destination::account_key(&endpoint, &account(event)),
            at: event.received_at.map(micros).unwrap_or_default(),
            record: destination::kept(event).encode_to_vec().into(),
        };
        newest.insert(id, known);
    }
    newest.into_values().collect()
}

/// Whatever the contact does tells it; what the channel or we ourselves do, only where it says so.
fn tells_how_to_answer(event: &Envelope) -> bool {
    event.contact.as_ref().is_some_and(|contact| !contact.identities.is_empty())
        && (event.reply_policy.is_some() || event.direction() == Direction::Inbound && is_word(event))
}

/// Events that a conversation can be answered after.
fn is_word(event: &Envelope) -> bool {
    matches!(
        event.payload,
        Some(Payload::Message(_) | Payload::Action(_) | Payload::Comment(_) | Payload::SubscriptionChange(_))
    )
}

fn provider_ids(event: &Envelope) -> Vec<String> {
    match &event.payload {
        Some(Payload::Receipt(receipt)) => receipt.provider_message_ids.clone(),
        Some(_) | None => event.provider_message_id.clone().into_iter().collect(),
    }
}

/// Our own reference, where the channel repeats it: `<outbound message>.<piece>`.
fn reference(event: &Envelope) -> Option<(Uuid, u32)> {
    let reference = event.target.as_ref()?.client_reference.as_deref()?;
    let (id, piece) = reference.split_once('.')?;
    Some((Uuid::try_parse(id).ok()?, piece.parse().ok()?))
}

/// What an event says of messages the channel was given.
fn words(event: &Envelope) -> Vec<Word> {
    let at = event.occurred_at.or(event.received_at).map(micros).unwrap_or_default();
    let word = |provider_id: &String, status: ReceiptStatus, code: Option<String>| Word {
        channel: event.channel.clone(),
        account: account(event),
        provider_id: provider_id.clone(),
        status: status.into(),
        at,
        code,
    };
    match (&event.payload, event.direction()) {
        (Some(Payload::Receipt(receipt)), _) => {
            let Receipt { provider_message_ids, error_code, .. } = receipt;
            provider_message_ids.iter().map(|id| word(id, receipt.status(), error_code.clone())).collect()
        }
        (Some(Payload::Message(_)), Direction::Echo) => {
            event.provider_message_id.iter().map(|id| word(id, ReceiptStatus::Unspecified, None)).collect()
        }
        _ => Vec::new(),
    }
}
