//! The seam's view of messages that come in parts.

use std::time::Duration;

use async_trait::async_trait;

use super::Stored;
use crate::{
    Added, Assemblies, Assembly, NewPart, StoreError,
    call::{AddPart, ForgetTold, Overdue, ToldWhole},
    engine::Engine,
};

#[async_trait]
impl<E: Engine> Assemblies for Stored<E> {
    async fn add_part(&self, part: &NewPart, most: u64) -> Result<Added, StoreError> {
        self.0.call(AddPart { part: part.clone(), most }).await
    }

    async fn assembly_told(&self, source: &str, message: &str, began_at: i64) -> Result<(), StoreError> {
        self.0.call(ToldWhole { source: source.into(), message: message.into(), began_at }).await
    }

    async fn overdue(&self, source: &str, age: Duration, settle: Duration) -> Result<Vec<Assembly>, StoreError> {
        self.0.call(Overdue { source: source.into(), age, settle }).await
    }

    async fn forget_told(&self, source: &str, one: Duration, joined: Duration) -> Result<u64, StoreError> {
        self.0.call(ForgetTold { source: source.into(), one, joined }).await
    }
}
