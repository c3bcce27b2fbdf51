//! The seam's view of the shared spool.

use async_trait::async_trait;
use bytes::Bytes;
use uuid::Uuid;

use super::Stored;
use crate::{
    Put, Putting, SharedSpool, SpoolState, StoreError, Unpublished,
    call::{CloseSpool, InSpool, OpenSpool, Spool, Spooled, Spools, Unspool},
    engine::Engine,
};

#[async_trait]
impl<E: Engine> SharedSpool for Stored<E> {
    async fn spool(
        &self,
        partition: u32,
        events: &[Unpublished],
        putting: Putting,
        most: u64,
    ) -> Result<Put, StoreError> {
        self.0.call(Spool { partition, events: events.to_vec(), putting, most }).await
    }

    async fn spooled(&self, partition: u32, events: u32, bytes: u64) -> Result<Vec<(u64, Bytes)>, StoreError> {
        self.0.call(Spooled { partition, events, bytes }).await
    }

    async fn unspool(&self, partition: u32, up_to: u64) -> Result<u64, StoreError> {
        self.0.call(Unspool { partition, up_to }).await
    }

    async fn close_spool(&self, partition: u32, closed: bool) -> Result<(), StoreError> {
        self.0.call(CloseSpool { partition, closed }).await
    }

    async fn open_spool(&self, partition: u32) -> Result<bool, StoreError> {
        self.0.call(OpenSpool { partition }).await
    }

    async fn spools(&self) -> Result<Vec<SpoolState>, StoreError> {
        self.0.call(Spools).await
    }

    async fn in_spool(&self, id: Uuid) -> Result<bool, StoreError> {
        self.0.call(InSpool { id }).await
    }
}
