//! How accounts fare.

use super::{Call, Needs};
use crate::{
    Fare, RenewalFare, SendingFare, Spent, StoreError, ToldFare,
    engine::{Row, Session},
};

/// [`Fares::fares`](crate::Fares::fares).
pub(crate) struct ListFares;

/// [`Fares::fare`](crate::Fares::fare).
pub(crate) struct OneFare {
    pub(crate) channel: String,
    pub(crate) account: String,
}

/// [`Fares::put_sending`](crate::Fares::put_sending).
pub(crate) struct PutSending {
    pub(crate) channel: String,
    pub(crate) account: String,
    pub(crate) sending: SendingFare,
}

/// [`Fares::put_renewal`](crate::Fares::put_renewal).
pub(crate) struct PutRenewal {
    pub(crate) channel: String,
    pub(crate) account: String,
    pub(crate) renewal: RenewalFare,
}

/// [`Fares::tell`](crate::Fares::tell).
pub(crate) struct Tell {
    pub(crate) channel: String,
    pub(crate) account: String,
    pub(crate) number: u64,
    pub(crate) state: i32,
}

/// [`Fares::told_of`](crate::Fares::told_of).
pub(crate) struct ToldOf {
    pub(crate) channel: String,
    pub(crate) account: String,
    pub(crate) number: u64,
}

const COLUMNS: &str = "channel, account, state, last_success_at, last_error_at, last_error_code, spent_on, spent_until, \
                       token_expires_at, renewed_at, refused_at, refused_code, told, told_state, told_before, told_at, \
                       telling";

impl Call for ListFares {
    type Answer = Vec<Fare>;
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(self, session: &mut S) -> Result<Self::Answer, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM kenh_account ORDER BY channel, account");
        session.query(&sql, Vec::new()).await?.into_iter().map(|mut row| fare(&mut row)).collect()
    }
}

impl Call for OneFare {
    type Answer = Option<Fare>;
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(self, session: &mut S) -> Result<Self::Answer, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM kenh_account WHERE channel = $1 AND account = $2");
        let rows = session.query(&sql, vec![self.channel.as_str().into(), self.account.as_str().into()]).await?;
        rows.into_iter().next().map(|mut row| fare(&mut row)).transpose()
    }
}

fn fare(row: &mut Row) -> Result<Fare, StoreError> {
    Ok(Fare {
        channel: row.text()?,
        account: row.text()?,
        sending: SendingFare {
            state: state(row)?,
            last_success_at: moment(row)?,
            last_error_at: moment(row)?,
            last_error_code: code(row)?,
            spent: spent(row)?,
        },
        renewal: RenewalFare {
            token_expires_at: moment(row)?,
            renewed_at: moment(row)?,
            refused_at: moment(row)?,
            refused_code: code(row)?,
        },
        told: ToldFare {
            number: row.int()?.cast_unsigned(),
            state: state(row)?,
            before: state(row)?,
            at: row.int()?,
            open: row.int()? == 1,
        },
    })
}

fn spent(row: &mut Row) -> Result<Option<Spent>, StoreError> {
    let (on, until) = (row.text()?, moment(row)?);
    Ok(until.map(|until| Spent { on, until }))
}

fn state(row: &mut Row) -> Result<i32, StoreError> {
    Ok(i32::try_from(row.int()?).unwrap_or_default())
}

fn moment(row: &mut Row) -> Result<Option<i64>, StoreError> {
    Ok(Some(row.int()?).filter(|at| *at != 0))
}

fn code(row: &mut Row) -> Result<Option<String>, StoreError> {
    Ok(Some(row.text()?).filter(|code| !code.is_empty()))
}

impl Call for PutSending {
    type Answer = ();
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(self, session: &mut S) -> Result<(), StoreError> {
        let sql = "INSERT INTO kenh_account (channel, account, state, last_success_at, last_error_at, last_error_code, \
                   spent_on, spent_until) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (channel, account) DO UPDATE SET \
                   spent_on = excluded.spent_on, spent_until = excluded.spent_until, state = excluded.state, last_success_at = excluded.last_success_at, \
                   last_error_at = excluded.last_error_at, last_error_code = excluded.last_error_code";
        let SendingFare { state, last_success_at, last_error_at, last_error_code, spent } = self.sending;
        let (on, until) = spent.map(|spent| (spent.on, spent.until)).unwrap_or_default();
        let values = vec![
            self.channel.as_str().into(),
            self.account.as_str().into(),
            i64::from(state).into(),
            last_success_at.unwrap_or_default().into(),
            last_error_at.unwrap_or_default().into(),
            last_error_code.unwrap_or_default().as_str().into(),
            on.as_str().into(),
            until.into(),
        ];
        session.query(sql, values).await.map(drop)
    }
}

impl Call for PutRenewal {
    type Answer = ();
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(self, session: &mut S) -> Result<(), StoreError> {
        let sql = "INSERT INTO kenh_account (channel, account, token_expires_at, renewed_at, refused_at, refused_code) \
                   VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (channel, account) DO UPDATE SET \
                   token_expires_at = excluded.token_expires_at, renewed_at = excluded.renewed_at, \
                   refused_at = excluded.refused_at, refused_code = excluded.refused_code";
        let RenewalFare { token_expires_at, renewed_at, refused_at, refused_code } = self.renewal;
        let values = vec![
            self.channel.as_str().into(),
            self.account.as_str().into(),
            token_expires_at.unwrap_or_default().into(),
            renewed_at.unwrap_or_default().into(),
            refused_at.unwrap_or_default().into(),
            refused_code.unwrap_or_default().as_str().into(),
        ];
        session.query(sql, values).await.map(drop)
    }
}

impl Call for Tell {
    type Answer = bool;
    const NEEDS: Needs = Needs::Transaction;

    async fn run<S: Session>(self, session: &mut S) -> Result<bool, StoreError> {
        let sql = "INSERT INTO kenh_account (channel, account, told, told_state, told_at, telling) \
                   VALUES ($1, $2, 1, $3, {wall}, 1) ON CONFLICT (channel, account) DO UPDATE SET \
                   told = kenh_account.told + 1, told_before = kenh_account.told_state, told_state = excluded.told_state, \
                   told_at = excluded.told_at, telling = 1 \
                   WHERE kenh_account.told = $4 AND kenh_account.telling = 0 RETURNING 1";
        let values = vec![
            self.channel.as_str().into(),
            self.account.as_str().into(),
            i64::from(self.state).into(),
            self.number.cast_signed().into(),
        ];
        Ok(!session.query(sql, values).await?.is_empty())
    }
}

impl Call for ToldOf {
    type Answer = ();
    const NEEDS: Needs = Needs::Statements;

    async fn run<S: Session>(self, session: &mut S) -> Result<(), StoreError> {
        let sql = "UPDATE kenh_account SET telling = 0 WHERE channel = $1 AND account = $2 AND told = $3";
        let values = vec![self.channel.as_str().into(), self.account.as_str().into(), self.number.cast_signed().into()];
        session.query(sql, values).await.map(drop)
    }
}
