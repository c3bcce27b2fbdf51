//! The calls of `kenh.v1.ParkedService`.

use std::sync::Arc;

use async_trait::async_trait;
use kenh_access::{Caller, Reach, Right};
use kenh_proto::{
    kind_of_slug,
    server::{self as v1, list_parked_request::Of, parked_service_server::ParkedService},
    v1::Envelope,
};
use kenh_store::{Parked, ParkedFilter, Store};
use prost::Message as _;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use crate::{
    named::{Named, check_name},
    request::{self, page_size},
    status,
    view::View,
};

/// Parked events of one call.
const MOST_IDS: usize = 1000;

/// Reads a delivery again that could not be read when it came.
#[async_trait]
pub trait Reread: Send + Sync + 'static {
    /// Normalizes what an `unsupported` envelope holds, and stores what comes out.
    async fn reread(&self, envelope: Envelope) -> Reading;
}

/// What became of a delivery that was read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// It holds events now, and they are stored: so many.
    Stored(u32),
    /// It still cannot be read.
    StillUnreadable,
    /// Its channel is not known here, or the log did not take its events.
    Failed,
}

pub(crate) struct ParkedCalls {
    store: Arc<dyn Store>,
    named: Named,
    reread: Arc<dyn Reread>,
}

impl ParkedCalls {
    pub(crate) fn new(named: Named, reread: Arc<dyn Reread>) -> Self {
        Self { store: named.store.clone(), named, reread }
    }

    async fn find(&self, id: Uuid) -> Result<Option<Parked>, Status> {
        self.store.get_parked(id).await.map_err(|error| status::store(&error))
    }

    /// Refuses unless the caller may look after all of them. Those that there are not are nobody's.
    async fn permit(&self, caller: &Caller, ids: &[Uuid]) -> Result<(), Status> {
        if caller.reach(Right::Manage).is_everything() {
            return Ok(());
        }
        for id in ids {
            if let Some(parked) = self.find(*id).await? {
                caller.may(Right::Manage, &parked.channel, account(&parked).as_deref())?;
            }
        }
        Ok(())
    }

    async fn redrive(&self, id: Uuid) -> Result<(v1::RedriveOutcome, u32), Status> {
        let no_store = |error| status::store(&error);
        let Some(parked) = self.find(id).await? else { return Ok((v1::RedriveOutcome::NotFound, 0)) };
        if parked.subscription.is_some() {
            let known = self.store.redrive(&[id]).await.map_err(no_store)? > 0;
            return Ok((if known { v1::RedriveOutcome::Queued } else { v1::RedriveOutcome::NotFound }, 0));
        }
        let Ok(envelope) = Envelope::decode(parked.envelope) else {
            return Ok((v1::RedriveOutcome::Failed, 0));
        };
        Ok(match self.reread.reread(envelope).await {
            Reading::Stored(events) => {
                // Should this fail it is read again once more: its events have the same ids then.
                self.store.discard(&[id]).await.map_err(no_store)?;
                (v1::RedriveOutcome::Stored, events)
            }
            Reading::StillUnreadable => (v1::RedriveOutcome::StillUnreadable, 0),
            Reading::Failed => (v1::RedriveOutcome::Failed, 0),
        })
    }
}

#[async_trait]
impl ParkedService for ParkedCalls {
    async fn list_parked(
        &self,
        request: Request<v1::ListParkedRequest>,
    ) -> Result<Response<v1::ListParkedResponse>, Status> {
        let caller = Caller::of(&request)?;
        let request = request.into_inner();
        if !request.channel.is_empty() {
            caller.may_narrow(Right::Manage, std::slice::from_ref(&request.channel), &[])?;
        }
        let limit = u32::try_from(page_size("page_size", request.page_size)?).unwrap_or(u32::MAX);
        let (subscription, any_subscription) = match request.of {
            None => (None, false),
            Some(Of::Subscription(name)) => {
                check_name(&name)?;
                (Some(Some(name)), false)
            }
            Some(Of::Unreadable(unreadable)) => (unreadable.then_some(None), !unreadable),
        };
        let channel = Some(request.channel).filter(|channel| !channel.is_empty());
        let filter = ParkedFilter { subscription, channel, redrive: false };
        let after = Some(request.page_token.as_str()).filter(|token| !token.is_empty());
        let page = self.store.parked(&filter, after, limit).await.map_err(|error| status::store(&error))?;
        let reach = caller.reach(Right::Manage);
        let events = page.items.iter().filter(|item| !any_subscription || item.subscription.is_some());
        let events = events.filter(|item| is_within(&reach, item));
        Ok(Response::new(v1::ListParkedResponse {
            events: events.map(shown).collect(),
            next_page_token: page.next.unwrap_or_default(),
        }))
    }

    async fn get_parked(
        &self,
        request: Request<v1::GetParkedRequest>,
    ) -> Result<Response<v1::GetParkedResponse>, Status> {
        let caller = Caller::of(&request)?;
        let id = request.into_inner().id;
        let parked = self.find(request::uuid("id", &id)?).await?.ok_or_else(|| status::not_parked(&id))?;
        let account = account(&parked);
        caller.may(Right::Manage, &parked.channel, account.as_deref())?;
        let envelope = View::of(&caller).shown(&parked.channel, account.as_deref(), &parked.envelope);
        Ok(Response::new(v1::GetParkedResponse { event: Some(shown(&parked)), envelope }))
    }

    async fn redrive_parked(
        &self,
        request: Request<v1::RedriveParkedRequest>,
    ) -> Result<Response<v1::RedriveParkedResponse>, Status> {
        let caller = Caller::of(&request)?;
        let ids = request.into_inner().ids;
        let asked = uuids(&ids)?;
        self.permit(&caller, &asked).await?;
        let mut results = Vec::with_capacity(ids.len());
        for (id, uuid) in ids.iter().zip(asked) {
            let (outcome, events) = self.redrive(uuid).await?;
            results.push(v1::RedriveResult { id: id.clone(), outcome: outcome.into(), events });
        }
        self.named.members.hurry();
        Ok(Response::new(v1::RedriveParkedResponse { results }))
    }

    async fn discard_parked(
        &self,
        request: Request<v1::DiscardParkedRequest>,
    ) -> Result<Response<v1::DiscardParkedResponse>, Status> {
        let caller = Caller::of(&request)?;
        let ids = uuids(&request.into_inner().ids)?;
        self.permit(&caller, &ids).await?;
        let discarded = self.store.discard(&ids).await.map_err(|error| status::store(&error))?;
        Ok(Response::new(v1::DiscardParkedResponse { discarded: u32::try_from(discarded).unwrap_or(u32::MAX) }))
    }
}

fn uuids(ids: &[String]) -> Result<Vec<Uuid>, Status> {
    if ids.len() > MOST_IDS {
        return Err(status::invalid("ids", format!("at most {MOST_IDS}")));
    }
    ids.iter().map(|id| request::uuid("ids", id)).collect()
}

/// The account of a parked event, which its envelope names.
fn account(parked: &Parked) -> Option<String> {
    Envelope::decode(parked.envelope.clone()).ok()?.account?.external_id
}

fn is_within(reach: &Reach, parked: &Parked) -> bool {
    reach.is_everything() || reach.admits(&parked.channel, account(parked).as_deref())
}

fn shown(parked: &Parked) -> v1::ParkedEvent {
    v1::ParkedEvent {
        id: parked.id.to_string(),
        subscription: parked.subscription.clone().unwrap_or_default(),
        event_id: parked.event.to_string(),
        channel: parked.channel.clone(),
        kind: kind_of_slug(&parked.kind).into(),
        reason: parked.reason.clone(),
        attempts: parked.attempts,
        parked_at: Some(request::timestamp(parked.parked_at)),
        redriven: parked.redrive,
    }
}
