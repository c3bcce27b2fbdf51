//! How accounts fare, for all processes: whoever sends writes it, whoever is asked reads it.

use async_trait::async_trait;

use crate::StoreError;

/// How sending from an account goes. Times are microseconds since 1970.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SendingFare {
    /// The caller's number of its state; 0: never said.
    pub state: i32,
    /// When the channel last took something.
    pub last_success_at: Option<i64>,
    /// When the channel last failed it.
    pub last_error_at: Option<i64>,
    /// The channel's code of that.
    pub last_error_code: Option<String>,
    /// The allowance that the channel said last is used up.
    pub spent: Option<Spent>,
}

/// An allowance that is used up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spent {
    /// The template it is for; empty: messages without one.
    pub on: String,
    /// Until when nothing of it needs to be tried, in microseconds since 1970.
    pub until: i64,
}

/// How renewing an account's token goes. Times are microseconds since 1970.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RenewalFare {
    /// When the token ends, where that is known.
    pub token_expires_at: Option<i64>,
    /// When it was last renewed.
    pub renewed_at: Option<i64>,
    /// When the channel refused to renew it, and has not done so since. Where there is a login in the place of a token that ends:
    /// when it refused that.
    pub refused_at: Option<i64>,
    /// The channel's code of that.
    pub refused_code: Option<String>,
}

/// The last change of an account that subscribers are told of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ToldFare {
    /// Counts the changes; 0: none yet.
    pub number: u64,
    /// The caller's number of the state it changed to; 0: none yet.
    pub state: i32,
    /// Of the state before; 0: none was told before.
    pub before: i32,
    /// When, in microseconds since 1970.
    pub at: i64,
    /// It is not sure that they were told.
    pub open: bool,
}

/// How an account fares.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fare {
    /// Channel slug.
    pub channel: String,
    /// The account as it is named in [`crate::Outbound::account`].
    pub account: String,
    /// How sending goes.
    pub sending: SendingFare,
    /// How renewing its token goes.
    pub renewal: RenewalFare,
    /// What subscribers are told.
    pub told: ToldFare,
}

/// How accounts fare.
#[async_trait]
pub trait Fares: Send + Sync + 'static {
    /// Of all accounts of which something was said, in their order.
    async fn fares(&self) -> Result<Vec<Fare>, StoreError>;

    /// Of one account; `None` when nothing was said of it.
    async fn fare(&self, channel: &str, account: &str) -> Result<Option<Fare>, StoreError>;

    /// Says how sending goes.
    async fn put_sending(&self, channel: &str, account: &str, sending: &SendingFare) -> Result<(), StoreError>;

    /// Says how renewing the token goes.
    async fn put_renewal(&self, channel: &str, account: &str, renewal: &RenewalFare) -> Result<(), StoreError>;

    /// Begins to tell of a change to a state, if the last one is still `number` and told for sure. On disk before the
    /// answer. Whether it is the caller's to tell now.
    async fn tell(&self, channel: &str, account: &str, number: u64, state: i32) -> Result<bool, StoreError>;

    /// Subscribers were told of a change.
    async fn told_of(&self, channel: &str, account: &str, number: u64) -> Result<(), StoreError>;
}
