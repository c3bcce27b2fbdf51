//! The seam's view of positions.

use async_trait::async_trait;
use bytes::Bytes;

use super::Stored;
use crate::{
    Position, Positions, StoreError,
    call::{Advance, GetPosition},
    engine::Engine,
};

#[async_trait]
impl<E: Engine> Positions for Stored<E> {
    async fn position(&self, name: &str) -> Result<Option<Position>, StoreError> {
        self.0.call(GetPosition { name: name.into() }).await
    }

    async fn advance(&self, name: &str, version: u64, position: &Bytes) -> Result<bool, StoreError> {
        self.0.call(Advance { name: name.into(), version, position: position.clone() }).await
    }
}
