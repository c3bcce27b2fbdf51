//! Tokens, the right to renew them, paused accounts.

use std::time::Duration;

use bytes::Bytes;
use uuid::Uuid;

use super::{Call, Needs, micros};
use crate::{
    Credential, StoreError,
    engine::{Row, Session},
};

/// [`Credentials::credential`](crate::Credentials::credential).
pub(crate) struct GetCredential {
    pub(crate) account: String,
}

/// [`Credentials::credentials`](crate::Credentials::credentials).
pub(crate) struct ListCredentials;

/// [`Credentials::put_credential`](crate::Credentials::put_credential).
pub(crate) struct PutCredential {
    pub(crate) account: String,
    pub(crate) version: u64,
    pub(crate) sealed: Bytes,
}

/// [`Credentials::drop_credential`](crate::Credentials::drop_credential).
pub(crate) struct DropCredential {
    pub(crate) account: String,
}

/// [`Credentials::lease`](crate::Credentials::lease).
pub(crate) struct Lease {
    pub(crate) name: String,
    pub(crate) owner: Uuid,
    pub(crate) time: Duration,
}

/// [`Credentials::release`](crate::Credentials::release).
pub(crate) struct Release {
    pub(crate) name: String,
    pub(crate) owner: Uuid,
}

/// [`Credentials::pause`](crate::Credentials::pause).
pub(crate) struct Pause {
    pub(crate) channel: String,
    pub(crate) account: String,
    pub(crate) paused: bool,
}

/// [`Credentials::paused`](crate::Credentials::paused).
pub(crate) struct Paused;

impl Call for GetCredential {
    type Answer = Option<Credential>;
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(self, session: &mut S) -> Result<Self::Answer, StoreError> {
        let sql = "SELECT version, sealed FROM kenh_credential WHERE account = $1";
        session.query(sql, vec![self.account.as_str().into()]).await?.first_mut().map(credential).transpose()
    }
}

impl Call for ListCredentials {
    type Answer = Vec<(String, Credential)>;
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(self, session: &mut S) -> Result<Self::Answer, StoreError> {
        let sql = "SELECT account, version, sealed FROM kenh_credential ORDER BY account";
        let found = session.query(sql, Vec::new()).await?;
        found.into_iter().map(|mut row| Ok((row.text()?, credential(&mut row)?))).collect()
    }
}

fn credential(row: &mut Row) -> Result<Credential, StoreError> {
    Ok(Credential { version: row.int()?.cast_unsigned(), sealed: row.bytes()? })
}

impl Call for PutCredential {
    type Answer = bool;
    const NEEDS: Needs = Needs::Transaction;

    async fn run<S: Session>(self, session: &mut S) -> Result<bool, StoreError> {
        let mut values = vec![self.account.as_str().into(), self.sealed.into()];
        let sql = if self.version == 0 {
            "INSERT INTO kenh_credential (account, version, sealed) VALUES ($1, 1, $2) \
             ON CONFLICT (account) DO NOTHING RETURNING 1"
        } else {
            values.push(self.version.cast_signed().into());
            "UPDATE kenh_credential SET version = version + 1, sealed = $2 WHERE account = $1 AND version = $3 RETURNING 1"
        };
        Ok(!session.query(sql, values).await?.is_empty())
    }
}

impl Call for DropCredential {
    type Answer = bool;
    const NEEDS: Needs = Needs::Transaction;

    async fn run<S: Session>(self, session: &mut S) -> Result<bool, StoreError> {
        let sql = "DELETE FROM kenh_credential WHERE account = $1 RETURNING 1";
        Ok(!session.query(sql, vec![self.account.as_str().into()]).await?.is_empty())
    }
}

impl Call for Lease {
    type Answer = bool;
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(self, session: &mut S) -> Result<bool, StoreError> {
        let sql = "INSERT INTO kenh_lease (name, owner, lease_until) VALUES ($1, $2, {now} + $3) \
                   ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, lease_until = excluded.lease_until \
                   WHERE kenh_lease.owner = excluded.owner OR kenh_lease.lease_until <= {now} RETURNING 1";
        let values = vec![self.name.as_str().into(), self.owner.into(), micros(self.time).into()];
        Ok(!session.query(sql, values).await?.is_empty())
    }
}

impl Call for Release {
    type Answer = ();
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(self, session: &mut S) -> Result<(), StoreError> {
        let sql = "DELETE FROM kenh_lease WHERE name = $1 AND owner = $2";
        session.query(sql, vec![self.name.as_str().into(), self.owner.into()]).await?;
        Ok(())
    }
}

impl Call for Pause {
    type Answer = ();
    const NEEDS: Needs = Needs::Transaction;

    async fn run<S: Session>(self, session: &mut S) -> Result<(), StoreError> {
        let sql = if self.paused {
            "INSERT INTO kenh_paused (channel, account, paused_at) VALUES ($1, $2, {wall}) \
             ON CONFLICT (channel, account) DO NOTHING"
        } else {
            "DELETE FROM kenh_paused WHERE channel = $1 AND account = $2"
        };
        session.query(sql, vec![self.channel.as_str().into(), self.account.as_str().into()]).await?;
        Ok(())
    }
}

impl Call for Paused {
    type Answer = Vec<(String, String)>;
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(self, session: &mut S) -> Result<Self::Answer, StoreError> {
        let found = session.query("SELECT channel, account FROM kenh_paused ORDER BY channel, account", Vec::new());
        found.await?.into_iter().map(|mut row| Ok((row.text()?, row.text()?))).collect()
    }
}
