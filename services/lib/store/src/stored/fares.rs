//! The seam's view of how accounts fare.

use async_trait::async_trait;

use super::Stored;
use crate::{
    Fare, Fares, RenewalFare, SendingFare, StoreError,
    call::{ListFares, OneFare, PutRenewal, PutSending, Tell, ToldOf},
    engine::Engine,
};

#[async_trait]
impl<E: Engine> Fares for Stored<E> {
    async fn fares(&self) -> Result<Vec<Fare>, StoreError> {
        self.0.call(ListFares).await
    }

    async fn fare(&self, channel: &str, account: &str) -> Result<Option<Fare>, StoreError> {
        self.0.call(OneFare { channel: channel.into(), account: account.into() }).await
    }

    async fn put_sending(&self, channel: &str, account: &str, sending: &SendingFare) -> Result<(), StoreError> {
        let (channel, account) = (channel.into(), account.into());
        self.0.call(PutSending { channel, account, sending: sending.clone() }).await
    }

    async fn put_renewal(&self, channel: &str, account: &str, renewal: &RenewalFare) -> Result<(), StoreError> {
        let (channel, account) = (channel.into(), account.into());
        self.0.call(PutRenewal { channel, account, renewal: renewal.clone() }).await
    }

    async fn tell(&self, channel: &str, account: &str, number: u64, state: i32) -> Result<bool, StoreError> {
        self.0.call(Tell { channel: channel.into(), account: account.into(), number, state }).await
    }

    async fn told_of(&self, channel: &str, account: &str, number: u64) -> Result<(), StoreError> {
        self.0.call(ToldOf { channel: channel.into(), account: account.into(), number }).await
    }
}
