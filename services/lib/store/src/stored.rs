//! The seam, over an engine.

mod assemblies;
mod exchanges;
mod fares;
mod positions;
mod sending;
mod spool;

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use uuid::Uuid;

use crate::{
    Claimed, Claims, CreateError, Held, Member, Parked, ParkedFilter, ParkedPage, ParkedStore, Save, Saved, StoreError,
    Subscription, Subscriptions, Window,
    call::{
        Claiming, CountParked, Create, Delete, Discard, ExpireParked, Forget, Generations, Get, GetParked, GiveUp,
        Hold, Join, Leave, List, ListParked, Members, Park, Redrive, Redriven, Renew, SaveAll, Seek, Settle, Windows,
    },
    engine::Engine,
};

/// An engine as the seam shows it.
#[derive(Debug)]
pub(crate) struct Stored<E>(pub(crate) E);

#[async_trait]
impl<E: Engine> Claims for Stored<E> {
    async fn claim(&self, ids: &[Uuid], process: Uuid, lapse: Duration) -> Result<Claimed, StoreError> {
        if ids.is_empty() {
            return Ok(Claimed::default());
        }
        self.0.call(Claiming { ids: ids.to_vec(), process, lapse }).await
    }

    async fn settle(&self, ids: &[Uuid]) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        self.0.call(Settle { ids: ids.to_vec() }).await
    }

    async fn give_up(&self, ids: &[Uuid], process: Uuid) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        self.0.call(GiveUp { ids: ids.to_vec(), process }).await
    }

    async fn forget(&self, window: Duration) -> Result<u64, StoreError> {
        self.0.call(Forget { window }).await
    }
}

#[async_trait]
impl<E: Engine> Subscriptions for Stored<E> {
    async fn create(&self, name: &str, spec: Bytes, start: &[u64], most: u64) -> Result<Subscription, CreateError> {
        self.0.call(Create { name: name.into(), spec, start: start.to_vec(), most }).await?
    }

    async fn get(&self, name: &str) -> Result<Option<Subscription>, StoreError> {
        self.0.call(Get { name: name.into() }).await
    }

    async fn list(&self, after: &str, limit: u32) -> Result<Vec<Subscription>, StoreError> {
        self.0.call(List { after: after.into(), limit }).await
    }

    async fn delete(&self, name: &str) -> Result<bool, StoreError> {
        self.0.call(Delete { name: name.into() }).await
    }

    async fn windows(&self, name: &str) -> Result<Vec<Window>, StoreError> {
        self.0.call(Windows { name: name.into() }).await
    }

    async fn seek(&self, name: &str, positions: &[u64]) -> Result<bool, StoreError> {
        self.0.call(Seek { name: name.into(), positions: positions.to_vec() }).await
    }

    async fn join(&self, member: &Member, lease: Duration) -> Result<bool, StoreError> {
        self.0.call(Join { member: member.clone(), lease }).await
    }

    async fn leave(&self, session: Uuid) -> Result<(), StoreError> {
        self.0.call(Leave { session }).await
    }

    async fn renew(&self, process: Uuid, lease: Duration) -> Result<Vec<Uuid>, StoreError> {
        self.0.call(Renew { process, lease }).await
    }

    async fn members(&self, process: Uuid) -> Result<Vec<Member>, StoreError> {
        self.0.call(Members { process }).await
    }

    async fn generations(&self, process: Uuid) -> Result<Vec<(String, u64)>, StoreError> {
        self.0.call(Generations { process }).await
    }

    async fn hold(&self, member: &Member, partition: u32) -> Result<Option<Held>, StoreError> {
        self.0.call(Hold { member: member.clone(), partition }).await
    }

    async fn save(&self, saves: &[Save]) -> Result<Vec<Saved>, StoreError> {
        if saves.is_empty() {
            return Ok(Vec::new());
        }
        self.0.call(SaveAll { saves: saves.to_vec() }).await
    }

    async fn redriven(&self, process: Uuid, limit: u32) -> Result<Vec<Parked>, StoreError> {
        self.0.call(Redriven { process, limit }).await
    }
}

#[async_trait]
impl<E: Engine> ParkedStore for Stored<E> {
    async fn park(&self, items: &[Parked]) -> Result<(), StoreError> {
        if items.is_empty() {
            return Ok(());
        }
        self.0.call(Park { items: items.to_vec() }).await
    }

    async fn parked(&self, filter: &ParkedFilter, after: Option<&str>, limit: u32) -> Result<ParkedPage, StoreError> {
        self.0.call(ListParked { filter: filter.clone(), after: after.map(Into::into), limit }).await
    }

    async fn get_parked(&self, id: Uuid) -> Result<Option<Parked>, StoreError> {
        self.0.call(GetParked { id }).await
    }

    async fn redrive(&self, ids: &[Uuid]) -> Result<u64, StoreError> {
        self.0.call(Redrive { ids: ids.to_vec() }).await
    }

    async fn discard(&self, ids: &[Uuid]) -> Result<u64, StoreError> {
        self.0.call(Discard { ids: ids.to_vec() }).await
    }

    async fn count_parked(&self) -> Result<Vec<(Option<String>, u64)>, StoreError> {
        self.0.call(CountParked).await
    }

    async fn expire_parked(&self, age: Duration, most: u64) -> Result<u64, StoreError> {
        self.0.call(ExpireParked { age, most }).await
    }
}
