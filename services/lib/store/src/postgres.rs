//! The engine for many processes: one PostgreSQL database.
//!
//! It connects in the background and again whenever the connection is lost; meanwhile calls fail at once. Time is the
//! server's. Transactions are READ COMMITTED: who decides on a row has locked it in an earlier statement.

mod keeper;
mod session;

use std::{str::FromStr as _, time::Duration};

use connector_sdk::ExposeSecret as _;
use kenh_runtime::health::Latch;
use sqlx::{
    ConnectOptions as _, Connection as _, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio_util::sync::CancellationToken;

use crate::{
    OpenError, StoreError,
    call::{Call, Needs},
    config,
    engine::Engine,
};
use keeper::{Link, State};
use session::PgSession;

/// A connection that has been idle for so long is asked first whether it is still one.
const FRESH: Duration = Duration::from_millis(500);

/// The engine.
#[derive(Debug)]
pub(crate) struct Postgres {
    pool: PgPool,
    link: Link,
    timeout: Duration,
}

impl Postgres {
    /// Starts connecting, and waits for what comes of it unless that takes long.
    pub(crate) async fn open(
        config: &config::Postgres,
        timeout: Duration,
        latch: Latch,
        stop: &CancellationToken,
    ) -> Result<Self, OpenError> {
        let options = options(config, timeout)?;
        let pool = PgPoolOptions::new()
            .max_connections(config.max_connections)
            .acquire_timeout(timeout)
            .test_before_acquire(false)
            .before_acquire(|connection, meta| {
                Box::pin(async move {
                    if meta.idle_for > FRESH {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_lazy_with(options.clone());
        let place = place(&options, config.schema.as_deref());
        let link = Link::start(options, config, latch, stop.child_token(), timeout);
        if let State::Refused(reason) = link.first(timeout).await {
            link.stop();
            return Err(OpenError::Database { place, reason });
        }
        Ok(Self { pool, link, timeout })
    }

    async fn run<C: Call>(&self, call: C) -> Result<C::Answer, Failed> {
        if C::NEEDS == Needs::Transaction {
            let mut transaction = self.pool.begin().await?;
            let answer = call.run(&mut PgSession(&mut transaction)).await?;
            transaction.commit().await?;
            return Ok(answer);
        }
        let mut connection = self.pool.acquire().await?;
        Ok(call.run(&mut PgSession(&mut connection)).await?)
    }
}

/// Why a call failed.
struct Failed(StoreError);

impl From<sqlx::Error> for Failed {
    fn from(error: sqlx::Error) -> Self {
        Self(session::failed(&error))
    }
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self(error)
    }
}

impl Engine for Postgres {
    async fn call<C: Call>(&self, call: C) -> Result<C::Answer, StoreError> {
        self.link.usable()?;
        let late = || Err(Failed(StoreError(format!("PostgreSQL did not answer within {:?}", self.timeout))));
        let outcome = tokio::time::timeout(self.timeout, self.run(call)).await.unwrap_or_else(|_| late());
        outcome.map_err(|Failed(error)| {
            // It may be the connection.
            self.link.look();
            error
        })
    }
}

/// Where the database is, without what nobody is to see.
fn place(options: &PgConnectOptions, schema: Option<&str>) -> String {
    let host = options.get_socket().map_or_else(|| options.get_host().to_owned(), |path| path.display().to_string());
    let database = options.get_database().unwrap_or_else(|| options.get_username());
    let schema = schema.map_or_else(String::new, |schema| format!(", schema {schema}"));
    format!("PostgreSQL at {host}:{}, database {database}{schema}", options.get_port())
}

fn options(config: &config::Postgres, timeout: Duration) -> Result<PgConnectOptions, OpenError> {
    let invalid = |_| OpenError::Database { place: "PostgreSQL".into(), reason: "its address is not valid".into() };
    let limit = timeout.as_millis().to_string();
    let options = PgConnectOptions::from_str(config.url.expose_secret())
        .map_err(invalid)?
        .application_name("kenh")
        .disable_statement_logging()
        // Nor does the server go on with what nobody waits for any more.
        .options([
            ("statement_timeout", limit.as_str()),
            ("idle_in_transaction_session_timeout", limit.as_str()),
            ("default_transaction_isolation", "read committed"),
        ]);
    Ok(match &config.schema {
        Some(schema) => options.options([("search_path", schema.as_str())]),
        None => options,
    })
}
