//! How fast a Page or an Instagram account may be called.
//! See <https://developers.facebook.com/docs/graph-api/overview/rate-limiting#messenger>.

use std::time::Duration;

use connector_sdk::outbound::{Counted, Limit, Scope};

/// A bucket gives its burst and what it is filled with in the same time, so both together are what Meta allows: 300 a
/// second, 10 with sound or film a second, 750 private replies an hour.
pub const LIMITS: [Limit; 3] = [
    Limit { scope: Scope::Account, what: Counted::All, burst: 100, every: Duration::from_millis(5) },
    Limit { scope: Scope::Account, what: Counted::AudioVideo, burst: 5, every: Duration::from_millis(200) },
    Limit { scope: Scope::Account, what: Counted::PrivateReplies, burst: 30, every: Duration::from_secs(5) },
];
