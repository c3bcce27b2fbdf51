//! Looks after the database: whether it is there, and whether its tables are as this program needs them.

use std::{sync::Arc, time::Duration};

use kenh_runtime::{health::Latch, metrics};
use sqlx::{Connection as _, PgConnection, postgres::PgConnectOptions};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::session::PgSession;
use crate::{
    StoreError,
    config::{self, Migrate},
    engine::{Session as _, Value},
    migrations::{self, MigrateError},
};

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// So often it is asked whether it is still there.
const INTERVAL: Duration = Duration::from_secs(1);
/// Any number that is nobody else's: "kenh" in ASCII.
const MIGRATION_LOCK: i64 = 0x6b65_6e68;

/// What is known of the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    /// Nothing yet.
    Starting,
    /// It is there.
    Ready,
    /// It is not; why.
    Lost(String),
    /// It is there and not to be used; why.
    Refused(String),
}

/// A handle to what is known.
#[derive(Debug)]
pub(super) struct Link {
    state: watch::Receiver<State>,
    doubt: Arc<Notify>,
    stop: CancellationToken,
}

impl Link {
    /// Starts looking after it, until told to stop.
    pub(super) fn start(
        options: PgConnectOptions,
        config: &config::Postgres,
        latch: Latch,
        stop: CancellationToken,
        timeout: Duration,
    ) -> Self {
        let (sender, state) = watch::channel(State::Starting);
        let doubt = Arc::new(Notify::new());
        let (schema, migrate) = (config.schema.clone(), config.migrate);
        let keeper = Keeper { options, schema, migrate, latch, sender, doubt: doubt.clone(), timeout };
        let stopped = stop.clone();
        tokio::spawn(async move { stopped.run_until_cancelled(keeper.keep()).await });
        Self { state, doubt, stop }
    }

    /// What became of the first attempt, unless that takes longer than this.
    pub(super) async fn first(&self, patience: Duration) -> State {
        let mut state = self.state.clone();
        let known = tokio::time::timeout(patience, state.wait_for(|state| *state != State::Starting)).await;
        known.map_or(State::Starting, |known| known.map_or(State::Starting, |known| known.clone()))
    }

    /// Whether it makes sense to ask.
    pub(super) fn usable(&self) -> Result<(), StoreError> {
        match &*self.state.borrow() {
            State::Ready => Ok(()),
            State::Starting => Err(StoreError("PostgreSQL has not answered yet".into())),
            State::Lost(reason) | State::Refused(reason) => Err(StoreError(reason.clone())),
        }
    }

    /// Something failed: looks now whether it is still there.
    pub(super) fn look(&self) {
        self.doubt.notify_one();
    }

    /// Ends it.
    pub(super) fn stop(&self) {
        self.stop.cancel();
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.stop();
    }
}

struct Keeper {
    options: PgConnectOptions,
    schema: Option<String>,
    migrate: Migrate,
    latch: Latch,
    sender: watch::Sender<State>,
    doubt: Arc<Notify>,
    timeout: Duration,
}

impl Keeper {
    async fn keep(&self) {
        let (mut pause, mut last) = (FIRST_PAUSE, State::Starting);
        loop {
            let state = match self.connect().await {
                Ok(connection) => {
                    (pause, last) = (FIRST_PAUSE, State::Ready);
                    info!("connected to the state store");
                    State::Lost(self.until_lost(connection).await)
                }
                Err(state) => state,
            };
            // Once for each reason: an outage of an hour is not a thousand lines.
            if last != state {
                match &state {
                    State::Lost(reason) => warn!(%reason, "no connection to the state store, trying again"),
                    State::Refused(reason) => error!(%reason, "the state store cannot be used"),
                    State::Starting | State::Ready => {}
                }
            }
            if let State::Lost(reason) | State::Refused(reason) = &state {
                self.latch.arm(reason);
                metrics::STORE_CONNECTED.set(0.0, []);
            }
            last = state.clone();
            self.sender.send_replace(state);
            // Spread out, so that replicas do not come back all at once.
            tokio::time::sleep(pause.mul_f64(0.75 + fastrand::f64() / 2.0)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn connect(&self) -> Result<PgConnection, State> {
        let lost = |error: sqlx::Error| State::Lost(super::session::failed(&error).0);
        let late = |_| State::Lost(format!("PostgreSQL did not answer within {:?}", self.timeout));
        let opening = PgConnection::connect_with(&self.options);
        let mut connection = tokio::time::timeout(self.timeout, opening).await.map_err(late)?.map_err(lost)?;
        match self.prepare(&mut connection).await {
            Ok(()) => Ok(connection),
            Err(MigrateError::Store(StoreError(reason))) => Err(State::Lost(reason)),
            Err(refused @ (MigrateError::Newer { .. } | MigrateError::Older { .. })) => {
                Err(State::Refused(refused.to_string()))
            }
        }
    }

    /// Brings the tables up to date, one process at a time.
    async fn prepare(&self, connection: &mut PgConnection) -> Result<(), MigrateError> {
        let failed = |error: sqlx::Error| super::session::failed(&error);
        let mut transaction = connection.begin().await.map_err(failed)?;
        let mut session = PgSession(&mut transaction);
        // Changing large tables takes its time, and so does waiting for another process that does.
        session.query("SET LOCAL statement_timeout = '10min'", Vec::new()).await?;
        session.query("SELECT pg_advisory_xact_lock($1)", vec![Value::Int(MIGRATION_LOCK)]).await?;
        if let (Some(schema), Migrate::Apply) = (&self.schema, self.migrate) {
            let sql = "SELECT 1 FROM pg_namespace WHERE nspname = $1";
            if session.query(sql, vec![schema.as_str().into()]).await?.is_empty() {
                session.query(&format!("CREATE SCHEMA \"{schema}\""), Vec::new()).await?;
            }
        }
        migrations::migrate(&mut session, self.migrate).await?;
        transaction.commit().await.map_err(failed)?;
        Ok(())
    }

    /// Offers the database until it is lost; says why it was.
    async fn until_lost(&self, mut connection: PgConnection) -> String {
        self.latch.release();
        metrics::STORE_CONNECTED.set(1.0, []);
        self.sender.send_replace(State::Ready);
        loop {
            tokio::select! {
                () = tokio::time::sleep(INTERVAL) => {}
                // At most so often, however much fails.
                () = self.doubt.notified() => tokio::time::sleep(INTERVAL / 20).await,
            }
            match tokio::time::timeout(self.timeout, connection.ping()).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => return super::session::failed(&error).0,
                Err(_) => return format!("PostgreSQL did not answer within {:?}", self.timeout),
            }
        }
    }
}
