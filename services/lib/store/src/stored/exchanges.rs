//! The seam's view of the channel log.

use std::time::Duration;

use async_trait::async_trait;

use super::Stored;
use crate::{
    Exchange, ExchangeFilter, Exchanges, NewExchange, Place, StoreError,
    call::{ExpireExchanges, ListExchanges, NoteExchanges},
    engine::Engine,
};

#[async_trait]
impl<E: Engine> Exchanges for Stored<E> {
    async fn note_exchanges(&self, new: &[NewExchange]) -> Result<(), StoreError> {
        if new.is_empty() {
            return Ok(());
        }
        self.0.call(NoteExchanges { new: new.to_vec() }).await
    }

    async fn exchanges(&self, filter: &ExchangeFilter, place: Place, limit: u32) -> Result<Vec<Exchange>, StoreError> {
        self.0.call(ListExchanges { filter: filter.clone(), place, limit }).await
    }

    async fn expire_exchanges(&self, age: Duration, most: u64) -> Result<u64, StoreError> {
        self.0.call(ExpireExchanges { age, most }).await
    }
}
