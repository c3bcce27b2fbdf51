//! What a subscription is: as it is asked for, as it is kept, as it is shown.

use std::time::Duration;

use kenh_log::Filter;
use kenh_proto::server as v1;
use kenh_store::Subscription;
use prost::Message as _;
use tonic::Status;

use super::Policy;
use crate::{request, status};

const LONGEST_NAME: usize = 100;
const MOST_ATTEMPTS: u32 = 1000;
const DEADLINE: std::ops::RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(12 * 3600);

/// A subscription's settings, checked.
#[derive(Debug, Clone)]
pub(crate) struct Spec {
    pub(crate) filter: Filter,
    pub(crate) policy: Policy,
    /// As they are kept, with what was absent filled in.
    kept: v1::Subscription,
}

impl Spec {
    /// Checks what a caller asks for.
    pub(crate) fn asked(asked: v1::Subscription) -> Result<Self, Status> {
        name(&asked.name)?;
        Self::filled(asked)
    }

    /// A subscription of the gateway's own to some kinds of events, that never gives up.
    pub(crate) fn own(name: &str, kinds: &[v1::EventKind]) -> Result<Self, Status> {
        let kinds = kinds.iter().copied().map(i32::from).collect();
        let filter = Some(v1::Filter { kinds, ..Default::default() });
        Self::filled(v1::Subscription { name: name.into(), filter, max_attempts: MOST_ATTEMPTS, ..Default::default() })
    }

    fn filled(mut asked: v1::Subscription) -> Result<Self, Status> {
        let deadline = asked.ack_deadline.get_or_insert(seconds(60));
        let ack_deadline = within("subscription.ack_deadline", *deadline, DEADLINE)?;
        if asked.max_attempts == 0 {
            asked.max_attempts = 10;
        }
        if asked.max_attempts > MOST_ATTEMPTS {
            return Err(status::invalid("subscription.max_attempts", format!("at most {MOST_ATTEMPTS}")));
        }
        let longest = Duration::from_secs(3600);
        let retry_min =
            within("subscription.retry_min", *asked.retry_min.get_or_insert(seconds(1)), Duration::ZERO..=longest)?;
        let retry_max = within(
            "subscription.retry_max",
            *asked.retry_max.get_or_insert(seconds(300)),
            Duration::ZERO..=*DEADLINE.end(),
        )?;
        let filter = request::filter(asked.filter.clone())?;
        asked.created_at = None;
        let policy = Policy { ack_deadline, max_attempts: asked.max_attempts, retry_min, retry_max };
        Ok(Self { filter, policy, kept: asked })
    }

    /// Reads what is kept.
    pub(crate) fn kept(subscription: &Subscription) -> Result<Self, Status> {
        let unreadable = || status::broken_subscription(&subscription.name);
        let kept = v1::Subscription::decode(subscription.spec.clone()).map_err(|_| unreadable())?;
        Self::filled(kept).map_err(|_| unreadable())
    }

    pub(crate) fn name(&self) -> &str {
        &self.kept.name
    }

    /// As it is kept.
    pub(crate) fn encode(&self) -> bytes::Bytes {
        self.kept.encode_to_vec().into()
    }

    /// Whether two ask for the same.
    pub(crate) fn is_same_as(&self, other: &Self) -> bool {
        self.kept == other.kept
    }

    /// As it is shown.
    pub(crate) fn shown(&self, created_at: i64) -> v1::Subscription {
        v1::Subscription { created_at: Some(request::timestamp(created_at)), ..self.kept.clone() }
    }
}

/// Checks a name.
pub(crate) fn name(name: &str) -> Result<(), Status> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let begins_well = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    if begins_well && name.len() <= LONGEST_NAME && name.chars().all(allowed) {
        return Ok(());
    }
    let rule =
        format!("expected 1 to {LONGEST_NAME} letters, digits, '-', '_' and '.', beginning with a letter or digit");
    Err(status::invalid("name", rule))
}

fn seconds(seconds: i64) -> prost_types::Duration {
    prost_types::Duration { seconds, nanos: 0 }
}

fn within(
    field: &str,
    asked: prost_types::Duration,
    range: std::ops::RangeInclusive<Duration>,
) -> Result<Duration, Status> {
    let duration = Duration::try_from(asked).ok().filter(|duration| range.contains(duration));
    let (from, to) = (range.start().as_secs(), range.end().as_secs());
    duration.ok_or_else(|| status::invalid(field, format!("expected {from} s to {to} s")))
}
