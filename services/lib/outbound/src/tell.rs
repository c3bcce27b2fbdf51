//! Events that tell what became of outbound messages.

use std::sync::Arc;

use kenh_intake::{Endpoint, Endpoints, Intake, account_key, envelope_id};
use kenh_log::partition_of;
use kenh_proto::v1::{
    Account, AccountEvent, AccountEventKind, AccountState, Actor, ActorRole, Direction, Envelope, MessageStatus,
    Quality, ReceiptStatus, SendState, Target, envelope::Payload,
};
use kenh_runtime::clock;
use kenh_store::{Given, Outbound, Store, StoreError, ToldFare};
use tracing::warn;

use crate::{
    Record, describe,
    time::{of_clock, timestamp},
};

/// Tells subscribers.
#[derive(Debug, Clone)]
pub struct Teller {
    /// The way into the log.
    pub intake: Intake,
    /// What is configured.
    pub endpoints: Arc<Endpoints>,
}

impl Teller {
    /// Tells where a message stands. Told again, by whoever takes over from a process that died, it is the same event, until
    /// the message is tried anew. Whether it is in the log.
    pub async fn state(&self, outbound: &Outbound, record: &Record) -> bool {
        let message = &record.message;
        if record.fleeting {
            return true;
        }
        let status = MessageStatus {
            state: message.state,
            status: if message.state() == SendState::Accepted { ReceiptStatus::Sent.into() } else { 0 },
            provider_message_ids: ids(record),
            failure: message.failure.clone(),
            ..about(record)
        };
        // Not the turn, which whoever takes over has a new one of. To be tried anew is to be given a new lifetime.
        let key = format!("status:{}:{}:{}", message.id, outbound.expires_at, message.state().as_str_name());
        self.publish(envelope(outbound, record, &key, None, status)).await
    }

    /// Tells how far one of the channel's messages has come, and notes that it was told.
    pub async fn receipts(&self, store: &dyn Store, outbound: &Outbound, given: &[Given]) -> Result<(), StoreError> {
        let Some(record) = Record::read(&outbound.record).filter(|record| !record.fleeting) else { return Ok(()) };
        let mut told = Vec::new();
        for given in given.iter().filter(|given| !given.told && given.status > 0) {
            let status = ReceiptStatus::try_from(given.status).unwrap_or_default();
            let arm = MessageStatus {
                state: record.message.state,
                status: status.into(),
                provider_message_ids: vec![given.provider_id.clone()],
                part: Some(given.piece),
                failure: (status == ReceiptStatus::Failed)
                    .then(|| describe::late(&self.endpoints, outbound, given.code.as_deref())),
                ..about(&record)
            };
            let key = format!("receipt:{}:{}:{}", record.message.id, given.provider_id, status.as_str_name());
            if self.publish(envelope(outbound, &record, &key, Some(given.status_at), arm)).await {
                told.push((given.outbound, given.provider_id.clone(), given.status));
            }
        }
        store.told(&told).await
    }

    /// Tells that an account fares otherwise than before. Told again, it is the same event. Whether it is in the log.
    pub async fn account(
        &self,
        endpoint: &Endpoint,
        account: &str,
        told: &ToldFare,
        (before, now): (AccountState, AccountState),
        code: Option<&str>,
    ) -> bool {
        let outbound = endpoint.connector.outbound();
        let name = outbound.and_then(|outbound| outbound.accounts().get(account)?.name.clone());
        let key = format!("account:{}:{}", endpoint.name, told.number);
        let arm = AccountEvent {
            kind: AccountEventKind::Health.into(),
            previous: Some(before.as_str_name().into()),
            current: Some(now.as_str_name().into()),
            reason: code.filter(|_| matches!(now, AccountState::Failing | AccountState::AuthBroken)).map(Into::into),
            ..AccountEvent::default()
        };
        let envelope = Envelope {
            id: envelope_id(endpoint.channel, account, &key).to_string(),
            dedupe_key: key,
            tenant: endpoint.tenant.clone(),
            channel: endpoint.channel.into(),
            account: Some(Account { endpoint: endpoint.name.clone(), external_id: Some(account.into()), name }),
            direction: Direction::System.into(),
            actor: Some(Actor { role: ActorRole::System.into(), ..Actor::default() }),
            occurred_at: Some(timestamp(told.at)),
            received_at: Some(timestamp(of_clock(clock::now()))),
            quality: Some(Quality::default()),
            payload: Some(Payload::AccountEvent(arm)),
            ..Envelope::default()
        };
        self.publish(envelope).await
    }

    async fn publish(&self, mut envelope: Envelope) -> bool {
        let conversation = uuid::Uuid::try_parse(envelope.conversation.as_ref().map_or("", |thread| &thread.id));
        let account =
            || envelope.account.as_ref().and_then(|account| account.external_id.as_deref()).unwrap_or_default();
        let key = conversation.unwrap_or_else(|_| account_key(&envelope.channel, account()));
        envelope.partition = partition_of(key, self.intake.partitions());
        let mut endpoints = self.endpoints.iter();
        let channel =
            endpoints.find(|endpoint| endpoint.channel == envelope.channel).map_or("none", |found| found.channel);
        let stored = self.intake.publish(channel, &[envelope]).await;
        if let Err(error) = &stored {
            warn!(channel, %error, "an event of the gateway is not told yet");
        }
        stored.is_ok()
    }
}

fn ids(record: &Record) -> Vec<String> {
    record.message.messages.iter().flat_map(|message| message.provider_message_ids.clone()).collect()
}

fn about(record: &Record) -> MessageStatus {
    MessageStatus {
        message_id: record.message.id.clone(),
        idempotency_key: record.message.idempotency_key.clone(),
        client_reference: record.message.client_reference.clone(),
        ..MessageStatus::default()
    }
}

fn envelope(outbound: &Outbound, record: &Record, key: &str, at: Option<i64>, status: MessageStatus) -> Envelope {
    let account = record.message.account.clone().unwrap_or_default();
    let external_id = account.external_id.clone().unwrap_or_default();
    Envelope {
        id: envelope_id(&outbound.channel, &external_id, key).to_string(),
        dedupe_key: key.into(),
        tenant: record.tenant.clone(),
        channel: outbound.channel.clone(),
        account: Some(account),
        direction: Direction::Outbound.into(),
        conversation: record.conversation.clone(),
        contact: record.person.clone(),
        actor: Some(Actor { role: ActorRole::System.into(), ..Actor::default() }),
        occurred_at: at.filter(|at| *at > 0).map(timestamp),
        received_at: Some(timestamp(of_clock(clock::now()))),
        target: Some(Target {
            provider_message_id: status.provider_message_ids.first().cloned(),
            client_reference: record.message.client_reference.clone(),
            message_id: Some(record.message.id.clone()),
            ..Target::default()
        }),
        quality: Some(Quality::default()),
        payload: Some(Payload::MessageStatus(status)),
        ..Envelope::default()
    }
}
