//! One message: from the hint to its turn.

use std::sync::Arc;

use connector_sdk::outbound::{Failure, Retry};
use kenh_channel_log::ChannelLog;
use kenh_intake::Endpoints;
use kenh_outbound::{Record, Teller, failure};
use kenh_process::Switchboard;
use kenh_proto::v1::{SendReason, SendState};
use kenh_smpp::Binds;
use kenh_store::{Outbound, Store, Turn};
use tracing::{debug, error};
use uuid::Uuid;

use crate::{
    Config,
    accounts::Accounts,
    fetch::Fetcher,
    http::Client,
    limits::Limits,
    piece::Lost,
    smtp::Mailer,
    tokens::Tokens,
    turn::{Held, ended},
};

/// What to look at next.
pub(crate) enum After {
    Nothing,
    /// The next message of the same conversation.
    Next(Uuid),
}

/// Sends messages.
pub(crate) struct Sender {
    pub(crate) config: Config,
    pub(crate) endpoints: Arc<Endpoints>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) teller: Teller,
    pub(crate) tokens: Arc<dyn Tokens>,
    pub(crate) accounts: Accounts,
    pub(crate) limits: Limits,
    pub(crate) client: Client,
    pub(crate) mailer: Mailer,
    pub(crate) fetcher: Fetcher,
    pub(crate) log: ChannelLog,
    pub(crate) binds: Binds,
    pub(crate) processes: Switchboard,
}

impl Sender {
    /// Does what there is to do for a message.
    pub(crate) async fn handle(&self, id: Uuid) -> After {
        let (outbound, taken_over) = match self.store.turn(id, self.config.lease()).await {
            Ok(Turn::Yours(outbound)) => (outbound, false),
            Ok(Turn::TakenOver(outbound)) => (outbound, true),
            Ok(Turn::NotNow | Turn::Over) => return After::Nothing,
            Err(error) => {
                debug!(%error, "a message waits for the state store");
                return After::Nothing;
            }
        };
        let Some(record) = Record::read(&outbound.record) else {
            error!(%id, "an outbound message was written by a newer version and cannot be read: it waits");
            return After::Nothing;
        };
        let (endpoint, account) = outbound.account.split_once('/').unwrap_or_default();
        let found = self.endpoints.find(&outbound.channel, endpoint);
        let Some(endpoint) = found.filter(|endpoint| endpoint.connector.outbound().is_some()) else {
            return self.homeless(outbound, record).await;
        };
        let account = account.to_owned();
        let mut held = Held { sender: self, outbound, record, endpoint, account };
        held.go(taken_over).await.unwrap_or_else(|Lost| {
            debug!(%id, "a message is left to another turn");
            After::Nothing
        })
    }

    /// Its endpoint or account is not configured any more.
    async fn homeless(&self, outbound: Outbound, mut record: Record) -> After {
        record.message.failure =
            Some(failure(&Failure { reason: SendReason::AccountUnknown, code: None, retry: Retry::Never }));
        record.message.state = SendState::Failed.into();
        let written = ended(&outbound, &record);
        self.teller.state(&outbound, &record).await;
        match self.store.write(&written).await {
            Ok(Some(freed)) => freed.next.map_or(After::Nothing, After::Next),
            Ok(None) | Err(_) => After::Nothing,
        }
    }
}
