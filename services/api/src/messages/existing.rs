//! Messages that are there: looking at them, cancelling, trying again.

use std::time::Duration;

use kenh_access::{Caller, Right};
use kenh_outbound::{Problem, Record, is_final, micros, view};
use kenh_proto::v1::{self, SendFailure, SendReason, SendState, get_message_request::By};
use kenh_runtime::clock;
use kenh_store::{Outbound, OutboundFilter, Phase, Written};
use tonic::Status;
use uuid::Uuid;

use super::{MessageCalls, refusals};
use crate::{request::page_size, status};

fn uuid(field: &'static str, id: &str) -> Result<Uuid, Status> {
    Uuid::try_parse(id).map_err(|_| status::invalid(field, "is no UUID"))
}

/// The channel's id of the account that sends.
fn account(outbound: &Outbound) -> Option<&str> {
    outbound.account.split_once('/').map(|(_, account)| account)
}

fn unreadable() -> Status {
    status::refused(v1::ErrorReason::MessageUnreadable, "what is kept of the message cannot be read by this version")
}

impl MessageCalls {
    /// A message as callers see it, with its receipts.
    pub(super) async fn shown(&self, outbound: &Outbound) -> Result<v1::OutboundMessage, Status> {
        let given = self.desk.store.given(outbound.id).await.map_err(|error| status::store(&error))?;
        view(&self.desk.endpoints, outbound, &given).ok_or_else(unreadable)
    }

    pub(super) async fn find(&self, caller: &Caller, request: v1::GetMessageRequest) -> Result<Outbound, Status> {
        let found = match request.by {
            Some(By::Id(id)) => self.desk.store.outbound(uuid("id", &id)?).await,
            Some(By::IdempotencyKey(key)) => {
                self.desk.store.outbound_by_key(caller.principal().name.as_ref(), &key).await
            }
            None => return Err(status::invalid("by", "must name an id or an idempotency key")),
        };
        let found = found.map_err(|error| status::store(&error))?;
        let found = found.ok_or_else(|| refusals::refusal(Problem::NotFound))?;
        caller.may(Right::Send, &found.channel, account(&found))?;
        Ok(found)
    }

    async fn of(&self, caller: &Caller, id: &str) -> Result<(Outbound, Record), Status> {
        let request = v1::GetMessageRequest { by: Some(By::Id(id.into())) };
        let outbound = self.find(caller, request).await?;
        let record = Record::read(&outbound.record).ok_or_else(unreadable)?;
        Ok((outbound, record))
    }

    pub(super) async fn list(
        &self,
        caller: &Caller,
        request: v1::ListMessagesRequest,
    ) -> Result<v1::ListMessagesResponse, Status> {
        let size = page_size("page_size", request.page_size)?;
        let before = match request.page_token.as_str() {
            "" => None,
            token => Some(uuid("page_token", token)?),
        };
        let conversation = match request.conversation_id.as_str() {
            "" => None,
            id => Some(uuid("conversation_id", id)?),
        };
        let filter = OutboundFilter {
            clients: Vec::new(),
            states: request.states,
            channel: Some(request.channel).filter(|channel| !channel.is_empty()),
            conversation,
        };
        let limit = u32::try_from(size).unwrap_or(u32::MAX);
        let page =
            self.desk.store.list_outbound(&filter, before, limit).await.map_err(|error| status::store(&error))?;
        let next = page.last().filter(|_| page.len() == size).map(|last| last.id.to_string());
        let mut messages = Vec::with_capacity(page.len());
        let reach = caller.reach(Right::Send);
        for outbound in page.iter().filter(|outbound| reach.admits(&outbound.channel, account(outbound))) {
            let mut shown = self.shown(outbound).await?;
            shown.action = None;
            messages.push(shown);
        }
        Ok(v1::ListMessagesResponse { messages, next_page_token: next.unwrap_or_default() })
    }

    pub(super) async fn cancel(&self, caller: &Caller, id: &str) -> Result<v1::OutboundMessage, Status> {
        let (outbound, mut record) = self.of(caller, id).await?;
        if outbound.phase != Phase::Waiting {
            // It has gone too far; how far is what the caller wants to know.
            return self.shown(&outbound).await;
        }
        record.message.state = SendState::Cancelled.into();
        record.message.failure = Some(refusals::forbidden(SendReason::Cancelled));
        let written = rewritten(&outbound, &record, Phase::Ended);
        let freed = self.desk.store.rewrite(&written, Phase::Waiting, None).await;
        if let Some(freed) = freed.map_err(|error| status::store(&error))? {
            self.teller.state(&outbound, &record).await;
            if let Some(next) = freed.next {
                self.desk.wake(&outbound.channel, next).await;
            }
        }
        let (outbound, _) = self.of(caller, id).await?;
        self.shown(&outbound).await
    }

    pub(super) async fn retry(
        &self,
        caller: &Caller,
        request: v1::RetryMessageRequest,
    ) -> Result<v1::OutboundMessage, Status> {
        const DAY: Duration = Duration::from_secs(86_400);
        let (outbound, mut record) = self.of(caller, &request.id).await?;
        let state = record.message.state();
        if !is_final(state) || matches!(state, SendState::Accepted | SendState::Cancelled) {
            let advice = "only what has failed, has expired or has an unknown outcome can be tried again";
            return Err(refusals::refusal(Problem::NotNow(advice.into())));
        }
        let lifetime = match request.expires_at.map(micros) {
            None => DAY,
            Some(at) => {
                let now = clock::now().duration_since(std::time::SystemTime::UNIX_EPOCH).unwrap_or_default();
                let left = u64::try_from(at).ok().map(Duration::from_micros).and_then(|at| at.checked_sub(now));
                left.ok_or_else(|| status::invalid("expires_at", "must be later than now"))?
            }
        };
        record.message.state = SendState::Queued.into();
        record.message.failure = None;
        record.calling = None;
        record.tries = 0;
        for message in &mut record.message.messages {
            if message.state() != SendState::Accepted {
                message.state = SendState::Queued.into();
                message.failure = None::<SendFailure>;
            }
        }
        let written = rewritten(&outbound, &record, Phase::Waiting);
        let kept = self.desk.store.rewrite(&written, Phase::Ended, Some(lifetime)).await;
        if kept.map_err(|error| status::store(&error))?.is_some() {
            self.desk.wake(&outbound.channel, outbound.id).await;
        }
        let (outbound, _) = self.of(caller, &request.id).await?;
        self.shown(&outbound).await
    }
}

fn rewritten(outbound: &Outbound, record: &Record, phase: Phase) -> Written {
    Written {
        id: outbound.id,
        turn: outbound.turn,
        phase,
        state: record.message.state,
        delay: Duration::ZERO,
        record: record.kept(),
        hold: record.hold(),
        ids: Vec::new(),
    }
}
