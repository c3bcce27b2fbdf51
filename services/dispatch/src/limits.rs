//! How fast channels may be called.

use std::{collections::HashMap, num::NonZeroU32, time::Duration};

use connector_sdk::outbound::{Counted, Limit, Scope, To};
use governor::{
    DefaultDirectRateLimiter, Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
    state::keyed::HashMapStateStore,
};
use kenh_intake::{Endpoint, Endpoints};
use kenh_proto::v1::{MediaKind, outbound_action::What, part::Content};

type Keyed = RateLimiter<String, HashMapStateStore<String>, DefaultClock>;

/// The limits of all endpoints.
pub(crate) struct Limits(HashMap<(&'static str, String), Vec<Kept>>);

impl std::fmt::Debug for Limits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Limits({} endpoints)", self.0.len())
    }
}

struct Kept {
    counted: Counted,
    scope: Scope,
    counter: Counter,
}

enum Counter {
    One(DefaultDirectRateLimiter),
    Many(Keyed),
}

/// Recipients are forgotten when so many are counted.
const MOST_KEYS: usize = 100_000;

impl Limits {
    pub(crate) fn of(endpoints: &Endpoints) -> Self {
        let sending = endpoints.iter().filter_map(|endpoint| {
            let limits = endpoint.connector.outbound()?.limits();
            Some(((endpoint.channel, endpoint.name.clone()), limits.iter().filter_map(kept).collect()))
        });
        Self(sending.collect())
    }

    /// Counts a piece. How long to wait before it may be counted, if it may not be now.
    pub(crate) fn count(&self, endpoint: &Endpoint, account: &str, to: &To, what: &What) -> Result<(), Duration> {
        let key = (endpoint.channel, endpoint.name.clone());
        for kept in self.0.get(&key).into_iter().flatten().filter(|kept| counts(kept.counted, to, what)) {
            let now = DefaultClock::default().now();
            let verdict = match (&kept.counter, kept.scope) {
                (Counter::One(counter), _) => counter.check(),
                (Counter::Many(counter), Scope::Recipient) => counter.check_key(&recipient(account, to)),
                (Counter::Many(counter), Scope::Account | Scope::Endpoint) => counter.check_key(&account.to_owned()),
            };
            verdict.map_err(|over| over.wait_time_from(now))?;
            if let Counter::Many(counter) = &kept.counter
                && counter.len() > MOST_KEYS
            {
                counter.retain_recent();
            }
        }
        Ok(())
    }
}

fn kept(limit: &Limit) -> Option<Kept> {
    let quota = Quota::with_period(limit.every)?.allow_burst(NonZeroU32::new(limit.burst)?);
    let counter = match limit.scope {
        Scope::Endpoint => Counter::One(RateLimiter::direct(quota)),
        Scope::Account | Scope::Recipient => Counter::Many(RateLimiter::hashmap(quota)),
    };
    Some(Kept { counted: limit.what, scope: limit.scope, counter })
}

fn recipient(account: &str, to: &To) -> String {
    let value = match to {
        To::Contact { value, .. } => value,
        To::Group(id) | To::Comment(id) | To::Post(id) => id,
        To::Account => "",
    };
    format!("{account}/{value}")
}

fn counts(counted: Counted, to: &To, what: &What) -> bool {
    match counted {
        Counted::All => true,
        Counted::Messages => matches!(what, What::Message(_) | What::React(_)),
        Counted::PrivateReplies => matches!(to, To::Comment(_) | To::Post(_)),
        Counted::Groups => matches!(to, To::Group(_)),
        Counted::AudioVideo => {
            let What::Message(message) = what else { return false };
            message.parts.iter().any(|part| {
                matches!(&part.content, Some(Content::Media(media))
                    if matches!(media.kind(), MediaKind::Audio | MediaKind::Video))
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use kenh_proto::v1::{MarkRead, Message, React, ShowTyping};

    use super::*;

    #[test]
    fn who_types_and_reads_uses_up_nothing_of_what_messages_are_allowed() {
        let counted = |what: &What| counts(Counted::Messages, &To::Account, what);
        assert!(counted(&What::Message(Message::default())));
        assert!(counted(&What::React(React::default())));
        assert!(!counted(&What::Typing(ShowTyping::default())));
        assert!(!counted(&What::MarkRead(MarkRead::default())));
        assert!(counts(Counted::All, &To::Account, &What::MarkRead(MarkRead::default())));
    }

    #[test]
    fn a_limit_of_groups_counts_what_goes_to_groups() {
        let what = What::Message(Message::default());
        let person = To::Contact { scheme: "telegram_user_id".into(), value: "700001".into() };
        assert!(counts(Counted::Groups, &To::Group("-1001230000001".into()), &what));
        assert!(!counts(Counted::Groups, &person, &what) && counts(Counted::All, &person, &what));
    }
}
