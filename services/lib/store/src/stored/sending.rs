//! The seam's sending half.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use uuid::Uuid;

use super::Stored;
use crate::{
    Conversations, Credential, Credentials, Freed, Given, Known, NewOutbound, Outbound, OutboundFilter, Outbox, Phase,
    StoreError, Submitted, Turn, Word, Written,
    call::{
        Before, CountWaiting, DropCredential, Due, ExpireOutbound, ForgetConversations, GetCredential, GetGiven,
        GetKnown, GetOutbound, GetOutboundByKey, Lease, ListCredentials, ListOutbound, Meet, Note, Pause, Paused,
        PutCredential, Release, Rewrite, Submit, TakeTurn, Told, Untold, Whose, Write,
    },
    engine::Engine,
};

#[async_trait]
impl<E: Engine> Outbox for Stored<E> {
    async fn submit(&self, new: &NewOutbound, keys_last: Duration) -> Result<Submitted, StoreError> {
        self.0.call(Submit { new: new.clone(), keys_last }).await
    }

    async fn outbound(&self, id: Uuid) -> Result<Option<Outbound>, StoreError> {
        self.0.call(GetOutbound { id }).await
    }

    async fn outbound_by_key(&self, client: &str, key: &str) -> Result<Option<Outbound>, StoreError> {
        self.0.call(GetOutboundByKey { client: client.into(), key: key.into() }).await
    }

    async fn list_outbound(
        &self,
        filter: &OutboundFilter,
        before: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<Outbound>, StoreError> {
        self.0.call(ListOutbound { filter: filter.clone(), before, limit }).await
    }

    async fn turn(&self, id: Uuid, lease: Duration) -> Result<Turn, StoreError> {
        self.0.call(TakeTurn { id, lease }).await
    }

    async fn write(&self, written: &Written) -> Result<Option<Freed>, StoreError> {
        self.0.call(Write { written: written.clone() }).await
    }

    async fn rewrite(
        &self,
        written: &Written,
        from: Phase,
        lifetime: Option<Duration>,
    ) -> Result<Option<Freed>, StoreError> {
        self.0.call(Rewrite { written: written.clone(), from, lifetime }).await
    }

    async fn due(&self, channels: &[String], limit: u32) -> Result<Vec<(String, Uuid)>, StoreError> {
        if channels.is_empty() {
            return Ok(Vec::new());
        }
        self.0.call(Due { channels: channels.to_vec(), limit }).await
    }

    async fn count_waiting(&self) -> Result<Vec<(String, String, u64)>, StoreError> {
        self.0.call(CountWaiting).await
    }

    async fn note(&self, words: &[Word]) -> Result<Vec<Given>, StoreError> {
        if words.is_empty() {
            return Ok(Vec::new());
        }
        self.0.call(Note { words: words.to_vec() }).await
    }

    async fn before(&self, conversation: Uuid, at: i64, status: i32, limit: u32) -> Result<Vec<Given>, StoreError> {
        self.0.call(Before { conversation, at, status, limit }).await
    }

    async fn given(&self, outbound: Uuid) -> Result<Vec<Given>, StoreError> {
        self.0.call(GetGiven { outbound }).await
    }

    async fn whose(
        &self,
        channel: &str,
        account: &str,
        provider_ids: &[String],
    ) -> Result<Vec<Option<Uuid>>, StoreError> {
        if provider_ids.is_empty() {
            return Ok(Vec::new());
        }
        let provider_ids = provider_ids.to_vec();
        self.0.call(Whose { channel: channel.into(), account: account.into(), provider_ids }).await
    }

    async fn told(&self, told: &[(Uuid, String, i32)]) -> Result<(), StoreError> {
        if told.is_empty() {
            return Ok(());
        }
        self.0.call(Told { told: told.to_vec() }).await
    }

    async fn untold(&self, after: Duration, limit: u32) -> Result<Vec<Given>, StoreError> {
        self.0.call(Untold { after, limit }).await
    }

    async fn expire_outbound(&self, age: Duration) -> Result<u64, StoreError> {
        self.0.call(ExpireOutbound { age }).await
    }
}

#[async_trait]
impl<E: Engine> Conversations for Stored<E> {
    async fn meet(&self, conversations: &[Known]) -> Result<(), StoreError> {
        if conversations.is_empty() {
            return Ok(());
        }
        self.0.call(Meet { conversations: conversations.to_vec() }).await
    }

    async fn known(&self, id: Uuid) -> Result<Option<Known>, StoreError> {
        self.0.call(GetKnown { id }).await
    }

    async fn forget_conversations(&self, age: Duration) -> Result<u64, StoreError> {
        self.0.call(ForgetConversations { age }).await
    }
}

#[async_trait]
impl<E: Engine> Credentials for Stored<E> {
    async fn credential(&self, account: &str) -> Result<Option<Credential>, StoreError> {
        self.0.call(GetCredential { account: account.into() }).await
    }

    async fn put_credential(&self, account: &str, version: u64, sealed: &Bytes) -> Result<bool, StoreError> {
        self.0.call(PutCredential { account: account.into(), version, sealed: sealed.clone() }).await
    }

    async fn drop_credential(&self, account: &str) -> Result<bool, StoreError> {
        self.0.call(DropCredential { account: account.into() }).await
    }

    async fn lease(&self, name: &str, owner: Uuid, time: Duration) -> Result<bool, StoreError> {
        self.0.call(Lease { name: name.into(), owner, time }).await
    }

    async fn release(&self, name: &str, owner: Uuid) -> Result<(), StoreError> {
        self.0.call(Release { name: name.into(), owner }).await
    }

    async fn credentials(&self) -> Result<Vec<(String, Credential)>, StoreError> {
        self.0.call(ListCredentials).await
    }

    async fn pause(&self, channel: &str, account: &str, paused: bool) -> Result<(), StoreError> {
        self.0.call(Pause { channel: channel.into(), account: account.into(), paused }).await
    }

    async fn paused(&self) -> Result<Vec<(String, String)>, StoreError> {
        self.0.call(Paused).await
    }
}
